"""On which ports does a container listen, and what does it speak there?

The API does not say. What can be known: declared ports, the PORT that it is told, its other probes, what services
send to it, and what its log says it listens on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json

_ENV = re.compile(r"^((.*_)?(LISTEN|SERVER|HTTP|GRPC|APP|SERVICE|BIND)_)?PORT$", re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:[\w.*-]*|\[::\]):(\d{2,5})$")
_FLAG = re.compile(
    r"^--?(?:[\w-]*port|p|listen(?:-address)?|addr(?:ess)?|bind)(?:=|$)(?:.*:)?(\d{2,5})?$", re.IGNORECASE
)
_SAID = re.compile(
    r"(?:listen\w*|serving|bound|started|running|accept\w* connections|initialized with port\(s\)|port\(?s?\)?)\b"
    r"[^\n]{0,60}?(?::|port\(?s?\)?:?\s*=?\s*|\bon\s+)(\d{2,5})\b",
    re.IGNORECASE,
)


class Ports(NamedTuple):
    """Ports with where they are known from."""

    known: dict[int, str]

    def without_probes(self) -> Ports:
        """Those that something else than a probe names, where there are any: what is refused there is not served."""
        return Ports({port: by for port, by in self.known.items() if not by.endswith(_PROBE)} or self.known)


_PROBE = " probe"


def declared(container: Json) -> dict[int, str]:
    """Ports that the container's own spec names."""
    found = {
        int(one["containerPort"]): "containerPort" for one in container.get("ports") or [] if one.get("containerPort")
    }
    for one in container.get("env") or []:
        value = str(one.get("value") or "")
        if _ENV.match(str(one.get("name"))) and value.isdigit():
            found.setdefault(int(value), f"env {one['name']}")
        elif (
            (hit := _ADDRESS.match(value))
            and re.search(r"LISTEN|BIND|ADDR", str(one.get("name")), re.IGNORECASE)
            and value[0] in ":0["
        ):
            found.setdefault(int(hit[1]), f"env {one['name']}")
    words = [str(word) for word in [*(container.get("command") or []), *(container.get("args") or [])]]
    for position, word in enumerate(words):
        hit = _FLAG.match(word)
        if hit:
            number = hit[1] or (words[position + 1] if position + 1 < len(words) else "")
            if number.isdigit():
                found.setdefault(int(number), f"argument {word}")
    return found


def said(lines: list[str]) -> dict[int, str]:
    """Ports that the log says it listens on."""
    return {int(hit[1]): "its log" for line in lines for hit in _SAID.finditer(line) if 0 < int(hit[1]) < 65536}


def listens(container: Json, lines: list[str], *, without: str = "") -> Ports:
    """Every port that is known, but for those that only the probe in question (`without`) names."""
    found = said(lines) | declared(container)
    for word, probe in o.probes(container):
        port = o.port_number(o.handler(probe)[1], [container])
        if word != without and port:
            found.setdefault(port, f"{word.lower()}{_PROBE}")
    return Ports(found)
