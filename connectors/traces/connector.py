"""The trace connectors: the checks and tools that Jaeger, Tempo and Zipkin have in common, and who opens which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio

from connectors import log_reading
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject, Topology
from connectors.http import open_api
from connectors.together import every
from connectors.traces import judging, spans, tools
from connectors.traces.client import Backend, Jaeger, Tempo, Traces, Zipkin
from connectors.traces.judging import Samples

_NAMES = 20


@dataclass
class Search:
    """One investigation's questions: services and samples are asked for once, whoever needs them."""

    backend: Backend
    inquiry: Inquiry
    _services: tuple[str, ...] | None = None
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def service(self) -> tuple[str, str]:
        """The service of the scope as traces name it, or empty and why."""
        scope, window = self.inquiry.scope, self.inquiry.window
        wanted = [name for name in (scope.service, scope.workload) if name]
        if not wanted:
            return "", "the scope names no service"
        async with self._lock:
            if self._services is None:
                self._services = await self.backend.services(window.start, window.end)
        found = next((one for name in wanted for one in self._services if _same(one, name, scope.namespace)), "")
        names = ", ".join(sorted(self._services)[:_NAMES])
        return found, "" if found else f"no traces of {' or '.join(wanted)} here, but of: {names or 'nobody'}"

    async def around(self, service: str, *, failed: bool) -> list[Traces]:
        """Traces before the onset and since; only the latter where no onset is known."""
        ask = partial(self.backend.traces, service, limit=self.backend.sample, failed=failed)
        return await every([partial(ask, start=start, end=end) for start, end in log_reading.ranges(self.inquiry)])


def _same(have: str, wanted: str, namespace: str) -> bool:
    """Whether it is the same service: some write it with its namespace, before it or behind it."""
    forms = (wanted, f"{wanted}.{namespace}", f"{namespace}/{wanted}", f"{namespace}.{wanted}")
    return have.lower() in {one.lower() for one in forms}


async def failing(search: Search) -> Observation:
    """Where the errors of the service's traces begin."""
    service, missing = await search.service()
    if not service:
        return Observation(searched=missing)
    parts = await search.around(service, failed=True)
    samples = _samples(search, failed=parts)
    found = judging.origins(samples)
    if not found:
        return Observation(searched=f"no failed trace of {service}: {parts[-1].query}", topology=_topology(parts))
    counts = f"{len(samples.failed_after)} failed traces ({len(samples.failed_before)} before)"
    said = f", {found[0].message[:160]!r}" if found[0].message else ""
    item = _item(search, "trace_errors", service, parts[-1]).model_copy(
        update={
            "title": f"Where failed traces of {service} begin to fail",
            "summary": f"{counts}; most begin in {found[0].place}: {found[0].after}{said}",
            "link": search.backend.link(found[0].example),
            "body": judging.origins_table(found),
        }
    )
    known = log_reading.claimed_onset(search.inquiry) is not None
    findings = tuple(judging.failing(samples, found, item)) if known else ()
    cut = f"more failed traces than the {search.backend.sample} that were read" if parts[-1].cut else ""
    return Observation(evidence=(item,), findings=findings, partial=cut, topology=_topology(parts))


async def slow(search: Search) -> Observation:
    """Where the service's traces spend more time than before."""
    service, missing = await search.service()
    if not service:
        return Observation(searched=missing)
    parts = await search.around(service, failed=False)
    samples = _samples(search, any_of=parts)
    found = judging.losses(samples)
    told = judging.told(found) if samples.before else ""
    if not told:
        return Observation(searched=f"no trace of {service} takes longer: {parts[-1].query}", topology=_topology(parts))
    item = _item(search, "trace_latency", service, parts[-1]).model_copy(
        update={
            "title": f"Where traces of {service} spend their time",
            "summary": f"{told} (medians of {len(samples.before)} traces before and {len(samples.after)} after).",
            "link": search.backend.link(found[0].example),
            "body": judging.losses_table(found),
        }
    )
    return Observation(evidence=(item,), findings=tuple(judging.slow(samples, found, item)), topology=_topology(parts))


async def calls(search: Search) -> Observation:
    """Who calls whom, as the store has counted it; shown is what touches the scope's service."""
    window = search.inquiry.window
    pairs = await search.backend.calls(window.start, window.end)
    service, missing = await search.service()
    near = [pair for pair in pairs if service in pair]
    known = Topology(calls=pairs)
    if not near:
        return Observation(searched=missing or f"nobody calls {service}, and it calls nobody", topology=known)
    up = sorted(caller for caller, callee in near if callee == service)
    down = sorted(callee for caller, callee in near if caller == service)
    item = Evidence(
        key=f"{search.backend.name}/service_calls/{service}",
        source=search.backend.name,
        check="service_calls",
        title=f"Who calls {service}, and whom it calls",
        summary=f"Called by {', '.join(up) or 'nobody'}; calls {', '.join(down) or 'nobody'}.",
        query=f"dependencies from {window.start:%Y-%m-%d %H:%M:%S} to {window.end:%H:%M:%S} UTC",
        body=ResourceState(columns=("caller", "callee"), rows=tuple(near[:_NAMES]), omitted=max(0, len(near) - _NAMES)),
    )
    return Observation(evidence=(item,), topology=known)


def _samples(search: Search, *, any_of: Sequence[Traces] = (), failed: Sequence[Traces] = ()) -> Samples:
    def split(parts: Sequence[Traces]) -> tuple[tuple[spans.Trace, ...], tuple[spans.Trace, ...]]:
        return (parts[0].traces if len(parts) > 1 else (), parts[-1].traces if parts else ())

    before, after = split(any_of)
    failed_before, failed_after = split(failed)
    pairs = spans.calls((*before, *after, *failed_before, *failed_after))
    namespace = search.inquiry.scope.namespace
    return Samples(before, after, failed_before, failed_after, pairs, namespace, search.backend.name)


def _topology(parts: Sequence[Traces]) -> Topology:
    return Topology(calls=spans.calls(trace for part in parts for trace in part.traces))


def _item(search: Search, check: str, service: str, part: Traces) -> Evidence:
    name = search.backend.name
    return Evidence(
        key=f"{name}/{check}/{service}",
        source=name,
        check=check,
        title="",
        summary="",
        subject=Subject(kind="Deployment", namespace=search.inquiry.scope.namespace, name=service.split(".", 1)[0]),
        onset=log_reading.claimed_onset(search.inquiry),
        query=part.query,
        untrusted=True,
    )


class TracesConnector:
    """One store of traces in one environment."""

    def __init__(self, backend: Backend) -> None:
        self.name = backend.name
        self._backend = backend

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Errors, time, and who calls whom."""
        search = Search(self._backend, inquiry)
        rows = (
            Check("trace_errors", "Where do the errors of the service's requests begin?", partial(failing, search)),
            Check("trace_latency", "Which call takes longer than before?", partial(slow, search)),
        )
        known = Check("service_calls", "Who calls whom?", partial(calls, search))
        # Tempo keeps its service graph in Prometheus.
        return rows if self.name == Tempo.name else (*rows, known)

    def tools(self) -> Sequence[Tool]:
        """Searching traces and reading one."""
        return tools.table(self._backend)

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: which services run in a namespace is the cluster's to say."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether services can be listed."""
        return [await self._backend.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._backend.aclose()


@reads(*COMMON)
def open_jaeger(settings: ConnectorSettings) -> TracesConnector | None:
    """Jaeger, or what speaks its API; None without a `url`. Options: those of `connectors.http`."""
    api = open_api(Jaeger.name, settings)
    return TracesConnector(Jaeger(api)) if api else None


@reads(*COMMON)
def open_tempo(settings: ConnectorSettings) -> TracesConnector | None:
    """Tempo; None without a `url`. `external_url` is a Grafana, for links; a tenant is a header (`X-Scope-OrgID`)."""
    api = open_api(Tempo.name, settings)
    return TracesConnector(Tempo(api)) if api else None


@reads(*COMMON)
def open_zipkin(settings: ConnectorSettings) -> TracesConnector | None:
    """Zipkin; None without a `url`. Options: those of `connectors.http`."""
    api = open_api(Zipkin.name, settings)
    return TracesConnector(Zipkin(api)) if api else None
