"""What `chatops doctor` says of a Prometheus: whether it answers, and what it is set to that would make answers wrong.

Thanos, Mimir and VictoriaMetrics do not have the pages of settings: what cannot be read there has no line.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import yaml

from connectors.contract import ConnectorError, Health
from connectors.prometheus.client import Prometheus

_DAY = 86_400.0
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": _DAY, "w": 7 * _DAY, "y": 365 * _DAY}
_REMEDIES = {
    "unreachable": "check CHATOPS_PROMETHEUS__URL and the way to it",
    "timeout": "check that the address answers, or raise the connector's timeout",
    "forbidden": "set a token, or username and password, that may query",
    "garbage": "the address is not a Prometheus API: check its path",
    "not_found": "check the path of the address",
}


async def health(client: Prometheus, rate_window: str) -> list[Health]:
    """Ready, version, rules, retention, time limit of queries, scrape interval. Never raises."""
    ready = await _told("ready", client.ready, lambda _: f"{client.options.url} is ready")
    if not ready.ok:
        return [ready]
    return [
        ready,
        await _told("version", lambda: client.status("buildinfo"), lambda a: f"version {a.data['version']}"),
        await _told(
            "rules", client.rules, lambda a: f"{sum(len(g['rules']) for g in a.data['groups'])} alerting rules"
        ),
        *await _settings(client, rate_window),
    ]


async def _settings(client: Prometheus, rate_window: str) -> list[Health]:
    runtime = await _page(client, "runtimeinfo")
    flags = await _page(client, "flags")
    text = (await _page(client, "config")).get("yaml", "")
    lines = [_retention(str(runtime.get("storageRetention") or flags.get("storage.tsdb.retention.time") or ""))]
    if limit := seconds(str(flags.get("query.timeout", ""))):
        lines.append(_time_limit(limit, client.options.timeout))
    if interval := _interval(str(text)):
        lines.append(_scrapes(interval, rate_window))
    return lines


async def _page(client: Prometheus, page: str) -> Mapping[str, Any]:
    try:
        answer = await client.status(page)
    except ConnectorError:
        return {}
    return answer.data if isinstance(answer.data, Mapping) else {}


def _retention(kept: str) -> Health:
    time = next((found for part in kept.split(" or ") if (found := seconds(part))), 0.0)
    if time and time < _DAY:
        detail = f"keeps {kept}: what was normal before an incident is gone when it is asked for"
        return Health("prometheus retention", False, detail, "start it with --storage.tsdb.retention.time=15d")
    return Health("prometheus retention", True, f"keeps {kept or 'what it does not tell'}")


def _time_limit(limit: float, ours: float) -> Health:
    detail = f"--query.timeout is {limit:g} s"
    if limit < ours:
        said = f"{detail}, less than the connector's own {ours:g} s: it gives up first"
        return Health("prometheus query.timeout", False, said, f"start it with --query.timeout={ours:g}s or more")
    return Health("prometheus query.timeout", True, detail)


def _scrapes(interval: float, rate_window: str) -> Health:
    """A rate needs two samples in its window, and four intervals so that one lost scrape is no gap."""
    window = seconds(rate_window)
    detail = f"scrapes every {interval:g} s, rates over {rate_window}"
    if window < 4 * interval:
        remedy = f"set CHATOPS_PROMETHEUS__RATE_WINDOW={4 * interval:g}s or more"
        return Health("prometheus scrape interval", False, f"{detail}: rates have gaps", remedy)
    return Health("prometheus scrape interval", True, detail)


def _interval(text: str) -> float:
    try:
        document = yaml.safe_load(text) or {}
        return seconds(str(document.get("global", {}).get("scrape_interval", "")))
    except (yaml.YAMLError, AttributeError):
        return 0.0


def seconds(text: str) -> float:
    """Seconds of a duration as Prometheus writes it (`1h30m`, `15d`); 0 for what is none."""
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        return 0.0
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


async def _told(what: str, ask: Callable[[], Awaitable[Any]], say: Callable[[Any], str]) -> Health:
    try:
        return Health(f"prometheus {what}", True, say(await ask()))
    except ConnectorError as error:
        return Health(f"prometheus {what}", False, error.brief, _REMEDIES.get(error.kind, ""))
    except (KeyError, TypeError) as odd:
        detail = f"an answer of another shape: {odd!r}"
        return Health(f"prometheus {what}", False, detail, "check that the address is a Prometheus API")
