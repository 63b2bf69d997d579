"""Rules are about how systems fail: none may name an application, a service or a namespace of a known benchmark."""

from __future__ import annotations

import re
from pathlib import Path

import chatops.triage.ranking
import chatops.triage.verdicts
import connectors

_APPLICATIONS = (
    "boutique", "hipster", "sock-?shop", "train-?ticket", "bookinfo", "astronomy", "otel-?demo", "social-?network",
    "hotel-?reservation", "media-?microservices", "robot-?shop", "petclinic",
)  # fmt: skip
_SERVICES = (
    r"(?-i:\b[a-z]+service\b)", r"\bts-[a-z]+", "redis-cart", "frontend-external", "productcatalog", "nacos",
    "shoppingassistant",
)  # fmt: skip
_NAMES = re.compile("|".join(_APPLICATIONS + _SERVICES), re.IGNORECASE)
_WORDS = re.compile(r"cartservice|subservice|microservice|virtualservice|containerservice", re.I)
"""Examples in docstrings, words of the language, and a cloud's own name of a resource."""


def test_no_rule_names_an_application() -> None:
    root = Path(connectors.__file__).parent
    files = [*root.rglob("*.py"), Path(chatops.triage.ranking.__file__), Path(chatops.triage.verdicts.__file__)]
    assert len(files) > 30
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if _NAMES.search(_WORDS.sub("", line))
    ]
    assert found == []
