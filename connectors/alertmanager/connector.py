"""The Alertmanager connector: what else fires in the scope, and which alerts nobody was told of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.address import COMMON
from connectors.alertmanager.client import Alert, Alertmanager, Matcher, Silence
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.http import open_api

_SHOWN = 30
_ABOUT = ("namespace", "service", "deployment", "statefulset", "pod", "node", "instance", "job")
_MATCHER = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s{},]+))\s*')
_PLACES = ("namespace", "cluster", "node")
"""Fields of the scope by which alerts are chosen: their labels have the same names."""


class AlertmanagerConnector:
    """One Alertmanager (or a cluster of them) in one environment."""

    name = "alertmanager"

    def __init__(self, client: Alertmanager) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Active and muted alerts."""
        return (
            Check("active_alerts", "What else is firing in the scope?", partial(self._active, inquiry)),
            Check(
                "muted_alerts",
                "Which alerts of the scope are silenced or inhibited, so that nobody was told?",
                partial(self._muted, inquiry),
            ),
        )

    def tools(self) -> Sequence[Tool]:
        """Alerts and silences by matchers."""
        schema = {
            "type": "object",
            "properties": {"matchers": {"type": "array", "items": {"type": "string", "maxLength": 300}, "maxItems": 8}},
            "additionalProperties": False,
        }
        return (
            Tool(
                "alertmanager_alerts",
                'Alerts that Alertmanager has now, muted ones too, by label matchers (`namespace="shop"`).',
                schema, self._alerts, partial(_amtool, "alert"),
            ),
            Tool(
                "alertmanager_silences",
                "Silences that are active or pending, by label matchers: what they match, until when, who and why.",
                schema, self._silences, partial(_amtool, "silence"),
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: alerts are about what others know."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether its status can be read."""
        return [await self._client.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _active(self, inquiry: Inquiry) -> Observation:
        filters = _filters(inquiry.scope)
        alerts, query = await self._client.alerts(filters, muted=False)
        if not alerts:
            return Observation(searched=f"nothing fires: {query}")
        return Observation(evidence=(self._item("active_alerts", alerts, query, filters, _told(alerts)),))

    async def _muted(self, inquiry: Inquiry) -> Observation:
        filters = _filters(inquiry.scope)
        alerts, query = await self._client.alerts(filters)
        muted = [one for one in alerts if one.silenced_by or one.inhibited_by]
        if not muted:
            return Observation(searched=f"none of {len(alerts)} alerts is silenced or inhibited: {query}")
        silences, _ = await self._client.silences()
        why = {one.id: _reason(one) for one in silences}
        names = {one.fingerprint: one.name for one in alerts}
        rows = tuple((*_row(one), _mutes(one, why, names)) for one in muted[:_SHOWN])
        told = "; ".join(f"{row[0]} ({row[2]}): {row[-1]}" for row in rows[:3])
        item = self._item("muted_alerts", muted, query, filters, f"{len(muted)} alerts fire unheard. {told}")
        columns = ("alert", "severity", "about", "since", "state", "muted by")
        body = ResourceState(columns=columns, rows=rows, omitted=max(0, len(muted) - _SHOWN))
        title = f"{len(muted)} alerts are silenced or inhibited"
        return Observation(evidence=(item.model_copy(update={"body": body, "title": title}),))

    async def _alerts(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        filters = _given(arguments, inquiry.scope)
        alerts, query = await self._client.alerts(filters)
        if not alerts:
            return Observation(searched=f"no alerts: {query}")
        return Observation(evidence=(self._item("alerts", alerts, query, filters, _told(alerts)),))

    async def _silences(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        filters = _given(arguments, Scope())
        silences, query = await self._client.silences(filters)
        if not silences:
            return Observation(searched=f"no silences: {query}")
        rows = tuple(
            (", ".join(map(str, one.matchers)), one.state, f"{one.ends_at:%Y-%m-%d %H:%M}", one.by, one.comment[:200])
            for one in silences[:_SHOWN]
        )
        item = self._item(
            "silences", (), query, filters, f"{len(silences)} silences. {'; '.join(r[0] for r in rows[:3])}"
        )
        columns = ("matches", "state", "until", "by", "comment")
        body = ResourceState(columns=columns, rows=rows, omitted=max(0, len(silences) - _SHOWN))
        return Observation(evidence=(item.model_copy(update={"body": body, "title": f"{len(silences)} silences"}),))

    def _item(
        self, check: str, alerts: Sequence[Alert], query: str, filters: Sequence[Matcher], summary: str
    ) -> Evidence:
        order = sorted(alerts, key=lambda one: one.starts_at)
        return Evidence(
            key=f"{self.name}/{check}/{','.join(map(str, filters))}",
            source=self.name,
            check=check,
            title=f"{len(alerts)} alerts in Alertmanager",
            summary=summary,
            onset=order[0].starts_at if order else None,
            query=query,
            link=self._client.link(filters),
            untrusted=True,
            body=ResourceState(
                columns=("alert", "severity", "about", "since", "state"),
                rows=tuple(map(_row, order[:_SHOWN])),
                omitted=max(0, len(order) - _SHOWN),
            ),
        )


def _filters(scope: Scope) -> list[Matcher]:
    """The scope as matchers; nothing is everything."""
    return [Matcher(name, "=", value) for name in _PLACES if (value := getattr(scope, name))]


def _given(arguments: Mapping[str, Any], scope: Scope) -> list[Matcher]:
    """Matchers as somebody wrote them; the scope's where there are none."""
    texts = [str(one) for one in arguments.get("matchers") or ()]
    return [_parsed(text) for text in texts] if texts else _filters(scope)


def _parsed(text: str) -> Matcher:
    found = _MATCHER.fullmatch(text.strip().removeprefix("{").removesuffix("}"))
    if found is None:
        raise ConnectorError("rejected", text, 'not a matcher of the form name="value"')
    value = re.sub(r"\\(.)", r"\1", found[3]) if found[3] is not None else found[4]
    return Matcher(found[1], found[2], value)


def _row(alert: Alert) -> tuple[str, ...]:
    about = "/".join(alert.labels[name] for name in _ABOUT if alert.labels.get(name))
    severity = alert.labels.get("severity", "")
    return (alert.name, severity, about, f"{alert.starts_at:%Y-%m-%d %H:%M:%S}", alert.state)


def _told(alerts: Sequence[Alert]) -> str:
    names = dict.fromkeys(one.name for one in sorted(alerts, key=lambda one: one.starts_at))
    muted = sum(bool(one.silenced_by or one.inhibited_by) for one in alerts)
    return f"{len(alerts)} alerts ({muted} muted), first to last: {', '.join(list(names)[:8])}."


def _reason(silence: Silence) -> str:
    return f"silence of {silence.by} until {silence.ends_at:%Y-%m-%d %H:%M} UTC: {silence.comment[:120]}"


def _mutes(alert: Alert, silences: Mapping[str, str], names: Mapping[str, str]) -> str:
    by = [silences.get(one, f"silence {one}") for one in alert.silenced_by]
    return "; ".join([*by, *(f"inhibited by {names.get(one, one)}" for one in alert.inhibited_by)])


def _amtool(what: str, argv: Sequence[str]) -> Mapping[str, Any] | None:
    """`amtool alert|silence [query] [flags] [matchers]` as arguments; the connector has its own address."""
    words = [word for word in argv if not word.startswith("-")]
    if words[:2] != ["amtool", what] or words[2:3] not in ([], ["query"]):
        return None
    if any(flag in argv for flag in ("--alertmanager.url", "--config.file", "-o", "--output")):
        return None  # its value would be taken for a matcher
    texts = [text if _MATCHER.fullmatch(text) else f'alertname="{text}"' for text in words[3:]]
    return {"matchers": texts} if texts else {}


@reads(*COMMON)
def open_connector(settings: ConnectorSettings) -> AlertmanagerConnector | None:
    """The connector of these settings; None without a `url`. Options: those of `connectors.http`."""
    api = open_api(AlertmanagerConnector.name, settings)
    return AlertmanagerConnector(Alertmanager(api)) if api else None
