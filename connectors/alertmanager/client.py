"""How is Alertmanager asked? Its alerts and silences, by API version 2, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors import moments
from connectors.contract import Health
from connectors.http import HttpApi

_API = "/api/v2"


class Matcher(NamedTuple):
    """A condition on a label, as silences and filters have it."""

    name: str
    operator: str
    value: str

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.name}{self.operator}"{escaped}"'


class Alert(NamedTuple):
    """An alert that Alertmanager has, and what keeps it from being told."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    state: str
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    fingerprint: str

    @property
    def name(self) -> str:
        """Its rule."""
        return self.labels.get("alertname", "")


class Silence(NamedTuple):
    """A silence: what it matches, until when, who made it and why."""

    id: str
    state: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    by: str
    comment: str


class Alertmanager:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def alerts(self, filters: Sequence[Matcher] = (), *, muted: bool = True) -> tuple[list[Alert], str]:
        """The alerts that match all filters, muted ones too if asked for; and the exact query."""
        params = [(name, "true" if muted else "false") for name in ("silenced", "inhibited")]
        params += [("active", "true"), *(("filter", str(one)) for one in filters)]
        return await self._api.read(f"{_API}/alerts", params, lambda rows: [_alert(row) for row in rows])

    async def silences(self, filters: Sequence[Matcher] = ()) -> tuple[list[Silence], str]:
        """The silences that have not expired, whose matchers match the filters."""
        params = [("filter", str(one)) for one in filters]
        found, query = await self._api.read(f"{_API}/silences", params, lambda rows: [_silence(row) for row in rows])
        return [one for one in found if one.state != "expired"], query

    async def health(self) -> Health:
        """Whether its status can be read."""
        return await self._api.health("alertmanager", f"{_API}/status", "CHATOPS_CONNECTORS__ALERTMANAGER__URL")

    def link(self, filters: Sequence[Matcher]) -> str:
        """The page of alerts with these filters, muted ones shown."""
        text = quote("{" + ", ".join(map(str, filters)) + "}")
        return f"{self._api.options.external_url}/#/alerts?silenced=true&inhibited=true&filter={text}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _alert(row: Mapping[str, Any]) -> Alert:
    status = row["status"]
    return Alert(
        row["labels"], row.get("annotations") or {}, moments.read(row["startsAt"]), str(status["state"]),
        tuple(status.get("silencedBy") or ()), tuple(status.get("inhibitedBy") or ()), str(row.get("fingerprint", "")),
    )  # fmt: skip


def _silence(row: Mapping[str, Any]) -> Silence:
    return Silence(
        str(row["id"]), str(row["status"]["state"]), tuple(_matcher(one) for one in row["matchers"]),
        moments.read(row["startsAt"]), moments.read(row["endsAt"]),
        str(row.get("createdBy", "")), str(row.get("comment", "")),
    )  # fmt: skip


def _matcher(row: Mapping[str, Any]) -> Matcher:
    operator = ("=" if row.get("isEqual", True) else "!") + ("~" if row.get("isRegex") else "")
    return Matcher(str(row["name"]), "!=" if operator == "!" else operator, str(row["value"]))
