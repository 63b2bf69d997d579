"""How would one repeat this call? An API call as the `aws` command that makes it.

The command is what evidence and errors quote, so that a person can paste it. Scalars become flags, names with
values the shorthand that people write (`Name=InstanceId,Value=i-1`), and every other structure JSON, which the command
line takes for any flag.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_PLAIN = re.compile(r"[\w./:@+-]+")
"""Values that need no quoting in the shorthand."""
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab(name: str) -> str:
    """`DescribeDBInstances` → `describe-db-instances`, as the command line spells it."""
    return "-".join(_WORD.split(name.replace("DB", "Db").replace("IDs", "Ids"))).lower()


def command(service: str, operation: str, params: Mapping[str, Any], region: str = "") -> str:
    """`aws rds describe-events --source-type db-instance …` for a call with these parameters."""
    parts = ["aws", service, kebab(operation)]
    for name, value in params.items():
        parts += _flag(name, value)
    if region:
        parts += ["--region", region]
    return shlex.join(parts)


def _flag(name: str, value: Any) -> list[str]:
    flag = f"--{kebab(name[:1].upper() + name[1:])}"
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if isinstance(value, datetime):
        return [flag, value.isoformat().replace("+00:00", "Z")]
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int)) for item in value):
        return [flag, *map(str, value)]
    if isinstance(value, (list, tuple)) and all(_named(item) for item in value):
        return [flag, *(f"Name={item['Name']},Value={item['Value']}" for item in value)]
    if isinstance(value, (Mapping, list, tuple)):
        return [flag, json.dumps(value, default=_plain, separators=(",", ":"))]
    return [flag, str(value)]


def _named(item: Any) -> bool:
    pair = isinstance(item, Mapping) and item.keys() == {"Name", "Value"}
    return pair and all(isinstance(inner, str) and _PLAIN.fullmatch(inner) for inner in item.values())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
