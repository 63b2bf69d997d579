"""Which services does a workload say it calls? Host and port pairs from environment, arguments and URLs.

Only what has the form of an address counts: `host:port`, a URL, or a variable whose name says that it is a host
(`*_HOST`, `*_ADDR`, `*_URL`, `*_ENDPOINT` …) with a matching `*_PORT`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json

_NAME = re.compile(r"(^|_|\.)(ADDR|ADDRESS|HOST|HOSTNAME|URL|URI|ENDPOINT|BROKERS?|DSN)S?$", re.IGNORECASE)
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.:-]*)?://(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9][\w.-]*)(?::(?P<port>\d+))?", re.IGNORECASE
)
_PAIR = re.compile(r"^(?P<host>[A-Za-z][\w.-]*):(?P<port>\d{2,5})(?:[/,]|$)")
_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
_PASSWORD = re.compile(r"//[^@/\s]+@")
_AT = re.compile(r"@(?:tcp)?\(?(?P<host>[A-Za-z0-9][\w.-]*):(?P<port>\d{2,5})\)?")


class Reference(NamedTuple):
    """One address that a container is configured with; `port` is 0 where none is given."""

    container: str
    variable: str
    value: str
    host: str
    port: int


class Target(NamedTuple):
    """What a host name inside the cluster means: a service's name and namespace."""

    service: str
    namespace: str


def references(pod_spec: Json) -> Iterator[Reference]:
    """Addresses in the environment and the arguments of every container."""
    for container in o.containers(pod_spec, init=True):
        name = str(container.get("name") or "")
        env = {str(one.get("name")): str(one["value"]) for one in container.get("env") or [] if one.get("value")}
        for variable, value in env.items():
            found = _address(variable, value)
            if found:
                port = found[1] or _port_beside(variable, env)
                yield Reference(name, variable, _PASSWORD.sub("//…@", value), found[0], port)
        for argument in [*(container.get("command") or []), *(container.get("args") or [])]:
            found = _address("", str(argument).partition("=")[2] or str(argument))
            if found:
                yield Reference(name, "argument", _PASSWORD.sub("//…@", str(argument)), *found)


def _address(variable: str, value: str) -> tuple[str, int] | None:
    for pattern in (_URL, _AT, _PAIR):
        found = pattern.search(value) if pattern is not _PAIR else pattern.match(value)
        if found:
            return found["host"], int(found["port"] or 0)
    if _NAME.search(variable) and _HOST.match(value) and not value.isdigit():
        return value, 0
    return None


def _port_beside(variable: str, env: dict[str, str]) -> int:
    """The value of `X_PORT` for a variable `X_HOST`."""
    stem = _NAME.sub("", variable)
    for name in (f"{stem}_PORT", f"{stem}PORT", f"{variable}_PORT", f"{stem.lower()}_port"):
        if env.get(name, "").isdigit():
            return int(env[name])
    return 0


def stem(variable: str) -> str:
    """What a variable is named after, in plain letters (`CART_SERVICE_ADDR` → `cartservice`)."""
    if not _NAME.search(variable):
        return ""
    return re.sub(
        r"[^a-z0-9]",
        "",
        re.sub(r"[_.]?(ADDR|ADDRESS|HOST|HOSTNAME|URL|URI|ENDPOINT)S?$", "", variable, flags=re.IGNORECASE).lower(),
    )


def target(host: str, namespace: str, namespaces: set[str]) -> Target | None:
    """The service that a name means when it is resolved in a namespace; None for addresses and outside names."""
    if re.fullmatch(r"[\d.]+", host) or host == "localhost":
        return None
    parts = host.rstrip(".").split(".")
    if len(parts) == 1:
        return Target(parts[0], namespace)
    cluster_name = len(parts) >= 3 and parts[2] == "svc"
    if cluster_name or (len(parts) == 2 and parts[1] in namespaces):
        return Target(parts[0], parts[1])
    return None
