"""Which feature flags were switched before the onset? A connector for an imagined flag service.

`GET /api/changes?since=&until=` answers `{"changes": [{"flag", "environment", "at", "by", "from", "to"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Change, Evidence, Finding, Observation, Role, Subject
from connectors.http import HttpApi, open_api, shaped

EARLIER = timedelta(minutes=30)


class Switch(NamedTuple):
    """One change of a flag."""

    flag: str
    at: datetime
    by: str
    before: str
    after: str


class FlagService:
    """The client: the only part that knows paths and shapes."""

    def __init__(self, api: HttpApi, environment: str) -> None:
        self._api = api
        self._environment = environment

    async def switches(self, since: datetime, until: datetime) -> tuple[list[Switch], str]:
        """Changes of flags in this range, and the exact query."""
        params = {"environment": self._environment, "since": since.isoformat(), "until": until.isoformat()}
        query = f"GET /api/changes environment={self._environment} {since:%H:%M:%S} to {until:%H:%M:%S}"
        answer = await self._api.get("/api/changes", params, query=query)
        return shaped(answer, query, lambda found: [_switch(row) for row in found["changes"]]), query

    async def health(self) -> Health:
        """Whether changes can be read."""
        return await self._api.health("flags", "/api/changes", "CHATOPS_CONNECTORS__FLAGS__URL")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _switch(row: Mapping[str, Any]) -> Switch:
    at = datetime.fromisoformat(row["at"])
    return Switch(str(row["flag"]), at, str(row["by"]), str(row["from"]), str(row["to"]))


class FlagConnector:
    """The connector: checks for the gathering, a tool for the persona."""

    name = "flags"

    def __init__(self, client: FlagService) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """One check, bound to the inquiry."""
        return (Check("switched", "Which feature flags were switched before the onset?", partial(self._run, inquiry)),)

    def tools(self) -> Sequence[Tool]:
        """The same question for another range."""
        schema = {
            "type": "object",
            "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": 1440}},
            "required": ["minutes"],
            "additionalProperties": False,
        }
        description = "Feature flags that were switched in the last so many minutes of the incident's window."
        return (Tool("flags_switched", description, schema, self._asked),)

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """What a question may name: nothing here."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether the service answers."""
        return [await self._client.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _run(self, inquiry: Inquiry) -> Observation:
        onset = inquiry.window.onset or inquiry.window.end
        found, query = await self._client.switches(onset - EARLIER, onset + timedelta(minutes=1))
        if not found:
            return Observation(searched=f"no flag was switched: {query}")
        evidence = tuple(_evidence(one, query) for one in found)
        return Observation(evidence=evidence, findings=tuple(map(_finding, found, evidence)))

    async def _asked(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        until = inquiry.window.end
        found, query = await self._client.switches(until - timedelta(minutes=int(arguments["minutes"])), until)
        return Observation(
            evidence=tuple(_evidence(one, query) for one in found),
            searched="" if found else f"no flag was switched: {query}",
        )


def _evidence(one: Switch, query: str) -> Evidence:
    return Evidence(
        key=f"flags/switched/{one.flag}/{one.at.isoformat()}",
        source="flags",
        check="switched",
        title=f"Flag {one.flag} switched",
        summary=f"{one.by} switched {one.flag} from {one.before} to {one.after} at {one.at:%H:%M:%S} UTC.",
        onset=one.at,
        query=query,
        body=Change(at=one.at, what=f"Flag {one.flag}", by=one.by, before=one.before, after=one.after),
    )


def _finding(one: Switch, item: Evidence) -> Finding:
    """Worth telling and no cause by itself: that a switch came first does not say that it broke anything."""
    return Finding(
        cause="BadRelease",
        role=Role.CONTEXT,
        subject=Subject(kind="FeatureFlag", name=one.flag),
        statement=f"{one.flag} was switched to {one.after} before the onset",
        rests_on=(item.key,),
        confidence=0.3,
        onset=one.at,
        rule="flags:switched-before",
    )


@reads(*COMMON, "flag_environment")
def open_connector(settings: ConnectorSettings) -> FlagConnector | None:
    """The entry point: None where no `url` is set. Does not connect."""
    api = open_api(FlagConnector.name, settings, keep=("flag_environment",))
    environment = str(settings.options.get("flag_environment") or settings.environment)
    return FlagConnector(FlagService(api, environment)) if api else None
