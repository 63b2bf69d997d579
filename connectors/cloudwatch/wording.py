"""How are figures, times and links written? For titles and statements, so that all of them agree."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def amount(value: float, unit: str = "") -> str:
    """A value in its unit: `96.4%`, `512 MiB`, `1,140 s`, `240 MiB/s`."""
    if unit in ("B", "B/s"):
        return _bytes(value) + unit.removeprefix("B")
    if unit == "ms" and abs(value) >= 10_000:
        return amount(round(value / 1000), "s")
    figure = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    if unit in ("", "count"):
        return figure
    return f"{figure}%" if unit == "%" else f"{figure} {unit}"


def _bytes(value: float) -> str:
    for unit in _BINARY:
        if abs(value) < 1024 or unit == _BINARY[-1]:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1024
    raise AssertionError("the loop returns at the last unit")


def clock(at: datetime | None) -> str:
    """`14:05 UTC`, or an empty text."""
    return at.astimezone(UTC).strftime("%H:%M UTC") if at else ""


def console(region: str, service: str, fragment: str) -> str:
    """A link into the AWS console, empty where the region is not known."""
    if not region:
        return ""
    return f"https://{region}.console.aws.amazon.com/{service}/home?region={region}#{fragment}"


def alarm_link(region: str, name: str) -> str:
    """The console's page of an alarm."""
    return console(region, "cloudwatch", f"alarmsV2:alarm/{quote(name, safe='')}")
