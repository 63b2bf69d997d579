"""The Fluentd connector: do log lines still leave it? Where they do not, missing logs mean nothing.

`GET /api/plugins.json` of Fluentd's own monitoring agent (`@type monitor_agent`, port 24220), which has a row for each
plugin. The counters live as long as the process, so what counts is what stands now: retries that go on, full buffers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from connectors import moments
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.http import HttpApi, open_api

_PATH = "/api/plugins.json"
_WITH = {"with_config": "no", "with_retry": "yes"}
"""The configuration may hold passwords and is not asked for; newer versions tell of retries only when asked."""
_NEARLY_FULL = 10.0
"""Percent of a buffer's space that is left: below, input is soon refused or dropped."""
_SHOWN = 20


class Output(NamedTuple):
    """A plugin that sends lines on. `retrying` is since when it tries the same chunk again, None where it does not."""

    id: str
    type: str
    retries: int
    retrying: datetime | None
    again: datetime | None
    queued: int
    bytes: int
    free: float | None
    """Percent of the buffer's space that is left; None where Fluentd does not say."""

    @property
    def stuck(self) -> bool:
        """Whether lines wait for a destination that does not take them."""
        return self.retrying is not None or (self.free is not None and self.free < _NEARLY_FULL)


class FluentdConnector:
    """One Fluentd, or the address that leads to one of several."""

    name = "fluentd"

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The outputs."""
        return (Check("outputs", "Do log lines still reach their destinations?", self._outputs),)

    def tools(self) -> Sequence[Tool]:
        """None: the check reads all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether it answers."""
        return [await self._api.health(self.name, _PATH, "CHATOPS_CONNECTORS__FLUENTD__URL")]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _outputs(self) -> Observation:
        found, query = await self._api.read(
            _PATH, _WITH, lambda answer: [_output(row) for row in answer["plugins"] if row.get("output_plugin")]
        )
        stuck = [one for one in found if one.stuck]
        if not stuck:
            return Observation(searched=f"all of {len(found)} outputs deliver: {query}")
        columns = ("output", "type", "retrying since", "next try", "chunks queued", "bytes queued", "space left %")
        item = Evidence(
            key=f"{self.name}/outputs",
            source=self.name,
            check="outputs",
            title=f"{len(stuck)} of {len(found)} outputs of Fluentd do not deliver",
            summary="; ".join(map(_said, stuck[:4])) + ". Logs may be missing at their destination",
            onset=min((one.retrying for one in stuck if one.retrying), default=None),
            query=query,
            body=ResourceState(columns=columns, rows=tuple(map(_row, stuck[:_SHOWN])),
                               omitted=max(0, len(stuck) - _SHOWN)),
        )  # fmt: skip
        return Observation(evidence=(item,))


def _said(one: Output) -> str:
    words = [f"{one.id} ({one.type})"]
    if one.retrying:
        words.append(f"tries the same again since {one.retrying:%H:%M:%S} UTC, {one.retries} times so far")
    if one.free is not None and one.free < _NEARLY_FULL:
        words.append(f"its buffer has {one.free:.0f}% of its space left")
    return " ".join(words[:1]) + ": " + ", ".join(words[1:])


def _row(one: Output) -> tuple[str, ...]:
    moment = [f"{at:%Y-%m-%d %H:%M:%S}" if at else "" for at in (one.retrying, one.again)]
    return (one.id, one.type, *moment, str(one.queued), str(one.bytes), "" if one.free is None else f"{one.free:.0f}")


def _output(row: Mapping[str, Any]) -> Output:
    retry = row.get("retry") or {}
    free = row.get("buffer_available_buffer_space_ratios")
    return Output(
        str(row["plugin_id"]),
        str(row["type"]),
        int(row.get("retry_count") or 0),
        _moment(retry.get("start")),
        _moment(retry.get("next_time")),
        int(row.get("buffer_queue_length") or 0),
        int(row.get("buffer_total_queued_size") or 0),
        None if free is None else float(free),
    )


def _moment(text: Any) -> datetime | None:
    """Ruby's own form, `2026-03-01 12:00:00 +0000`, or ISO 8601."""
    return moments.read(str(text).replace(" +", "+").replace(" -", "-").replace(" UTC", "Z")) if text else None


@reads(*COMMON)
def open_connector(settings: ConnectorSettings) -> FluentdConnector | None:
    """The connector of these settings; None without a `url`. Options: those of `connectors.http`."""
    api = open_api(FluentdConnector.name, settings)
    return FluentdConnector(api) if api else None
