"""The Grafana connector: what was noted on the time line before the onset, and which dashboards show the scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

from connectors import log_reading
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Change, Evidence, Observation, ResourceState, Subject
from connectors.grafana.client import Annotation, Dashboard, Grafana
from connectors.http import open_api
from connectors.together import every

_MOST = 100
_SHOWN = 8
_EARLIER = timedelta(hours=2)
"""How long before the onset a change is still worth knowing."""
_MARKUP = re.compile(r"<[^>]{0,200}>")
_CHANGES = re.compile(
    r"deploy|release|roll(?:ed |ing )?(?:out|back)|rollback|ship|upgrad|migrat|config|flag|feature|scal(?:e|ing)"
    r"|restart|maintenance|failover|terraform|helm|argo|version|canary|chaos|experiment|load.?test",
    re.IGNORECASE,
)


class GrafanaConnector:
    """One Grafana in one environment."""

    name = "grafana"

    def __init__(self, client: Grafana) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Changes that somebody noted, and dashboards."""
        return (
            Check("annotations", "Which changes were noted around the onset?", partial(self._changes, inquiry)),
            Check("dashboards", "Which dashboards show the scope?", partial(self._boards, inquiry)),
        )

    def tools(self) -> Sequence[Tool]:
        """Annotations by tag, dashboards by title."""
        return (
            Tool(
                "grafana_annotations",
                "Annotations in the incident's window and two hours before, of all dashboards, with all these tags.",
                {
                    "type": "object",
                    "properties": {"tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5}},
                    "additionalProperties": False,
                },
                self._annotations,
            ),
            Tool(
                "grafana_dashboards",
                "Dashboards by words of their title, with links for people.",
                {
                    "type": "object",
                    "properties": {"words": {"type": "string", "maxLength": 100}},
                    "required": ["words"],
                    "additionalProperties": False,
                },
                self._search,
            ),
        )

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: titles are no names."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether it is there and may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _changes(self, inquiry: Inquiry) -> Observation:
        found, query = await self._noted(inquiry)
        about = [one for one in found if concerns(one, inquiry.scope)]
        if not about:
            return Observation(searched=f"none of {len(found)} annotations is about the scope: {query}")
        onset = log_reading.claimed_onset(inquiry) or inquiry.window.end
        nearest = sorted(about, key=lambda one: abs(one.at - onset))[:_SHOWN]
        left = len(about) - len(nearest)
        return Observation(
            evidence=tuple(self._change(one, query) for one in sorted(nearest, key=lambda one: one.at)),
            partial=f"{left} more annotations, farther from the onset" if left else "",
        )

    def _change(self, one: Annotation, query: str) -> Evidence:
        text = _plain(one.text)
        tags = f" [{', '.join(one.tags)}]" if one.tags else ""
        return Evidence(
            key=f"grafana/annotation/{one.id}",
            source=self.name,
            check="annotations",
            title=f"Noted at {one.at:%H:%M:%S}: {text}"[:120],
            summary=f"{one.at:%Y-%m-%d %H:%M:%S} UTC: {text[:300]}{tags}",
            onset=one.at,
            query=query,
            link=self._client.link(one),
            body=Change(at=one.at, what=f"{text[:1000]}{tags}", by=one.by),
            untrusted=True,
        )

    async def _boards(self, inquiry: Inquiry) -> Observation:
        scope = inquiry.scope
        names = list(dict.fromkeys(name for name in (scope.service, scope.workload, scope.namespace) if name))
        if not names:
            return Observation(searched="the scope names nothing that a dashboard could be named after")
        parts = await every([partial(self._client.dashboards, name, _SHOWN) for name in names])
        found = list(dict.fromkeys(one for rows, _ in parts for one in rows))
        return self._listed(found, " ".join(names), parts[0][1])

    async def _annotations(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        tags = tuple(str(tag) for tag in arguments.get("tags") or ())
        found, query = await self._noted(inquiry, tags)
        if not found:
            return Observation(searched=f"no annotations: {query}")
        rows = tuple(
            (f"{one.at:%Y-%m-%d %H:%M:%S}", _plain(one.text)[:200], ", ".join(one.tags), one.by) for one in found[:50]
        )
        item = Evidence(
            key=f"grafana/annotations/{','.join(tags)}",
            source=self.name,
            check="annotations",
            title=f"{len(found)} annotations",
            summary="; ".join(f"{row[0]} {row[1][:80]}" for row in rows[:4]),
            query=query,
            body=ResourceState(columns=("at", "text", "tags", "by"), rows=rows, omitted=len(found) - len(rows)),
            untrusted=True,
        )
        return Observation(evidence=(item,))

    async def _search(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        words = str(arguments["words"])
        found, query = await self._client.dashboards(words, 20)
        return self._listed(found, words, query)

    async def _noted(self, inquiry: Inquiry, tags: tuple[str, ...] = ()) -> tuple[list[Annotation], str]:
        start = log_reading.ranges(inquiry)[-1][0] - _EARLIER
        return await self._client.annotations(start, inquiry.window.end, _MOST, tags)

    def _listed(self, found: Sequence[Dashboard], words: str, query: str) -> Observation:
        if not found:
            return Observation(searched=f"no dashboard is named after {words}: {query}")
        item = Evidence(
            key=f"grafana/dashboards/{words}",
            source=self.name,
            check="dashboards",
            title=f"Dashboards for {words}",
            summary=f"{len(found)}: {', '.join(one.title for one in found[:6])}",
            query=query,
            link=found[0].link,
            body=ResourceState(
                columns=("dashboard", "folder", "tags", "link"),
                rows=tuple((one.title, one.folder, ", ".join(one.tags), one.link) for one in found[:20]),
            ),
            untrusted=True,
        )
        return Observation(evidence=(item,))


def concerns(one: Annotation, scope: Scope) -> bool:
    """Whether a note is about the scope: it names it, or it tells of a change and names nobody."""
    names = [name.lower() for name in (scope.workload, scope.service, scope.namespace, scope.node) if name]
    text = " ".join((one.text, *one.tags)).lower()
    if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) for name in names):
        return True
    return bool(_CHANGES.search(text)) and not _names_another(one.tags, names)


def _names_another(tags: Iterable[str], names: Sequence[str]) -> bool:
    """Whether a tag of the form `service:other` says that it is about somebody else."""
    pairs = [tag.lower().partition(":") for tag in tags]
    return bool(names) and any(sep and key in _NAMING and value not in names for key, sep, value in pairs)


_NAMING = frozenset({"service", "app", "application", "namespace", "deployment", "workload", "component", "project"})


def _plain(text: str) -> str:
    """Annotations may hold HTML."""
    return " ".join(unescape(_MARKUP.sub(" ", text)).split())


@reads(*COMMON)
def open_connector(settings: ConnectorSettings) -> GrafanaConnector | None:
    """The connector of these settings; None without a `url`.

    Options: those of `connectors.http`; `token` is a service account's, with the role of a viewer.
    """
    api = open_api(GrafanaConnector.name, settings)
    return GrafanaConnector(Grafana(api)) if api else None
