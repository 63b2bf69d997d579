"""The Prometheus connector: its checks, its tools, what it knows by name, and whether it is well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from connectors.address import COMMON, Options
from connectors.calls import Caller
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, Window, reads
from connectors.evidence import Observation, Subject
from connectors.prometheus import (
    alerting,
    certificates,
    components,
    objects,
    probes,
    shifts,
    signals,
    targets,
    tools,
    wiring,
)
from connectors.prometheus.client import Prometheus, explain
from connectors.prometheus.health import health
from connectors.prometheus.survey import Survey
from connectors.prometheus.vitals import subject_of

PARALLEL = 12
"""Calls at a time: an investigation asks about two dozen small questions at once."""


class Row(NamedTuple):
    """One check: its name, the question it answers, how, and the causes that only it can tell."""

    name: str
    question: str
    run: Callable[[Survey], Awaitable[Observation]]
    decides: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


CHECKS: tuple[Row, ...] = (
    Row(
        "alert_expression",
        "What does the alert's own expression say over time?",
        alerting.expressions,
        needs=("alerts",),
    ),
    Row("firing_alerts", "What else fires, and what fired first?", alerting.firing),
    Row(
        "golden_signals",
        "Which service or node changed around the onset, and which only suffer?",
        signals.golden_signals,
        (
            "CPUOverload",
            "PodNetworkDelay",
            "NodeNetworkDelay",
            "NodeNetworkPacketLoss",
            "NodeCPUSaturated",
            "TrafficSurge",
        ),
    ),
    Row("shifts", "What else shifted at the onset?", shifts.at_onset),
    Row("saturation", "Which pool, heap, queue or volume is full?", signals.saturation),
    Row(
        "components",
        "Do kubelet, container runtime, kube-proxy and the control plane run on every node?",
        components.units,
        ("ContainerRuntimeUnavailable", "KubeProxyUnavailable", "KubeSchedulerUnavailable"),
    ),
    Row("states", "Which pods, nodes, quotas or control plane parts are in a broken state?", objects.states),
    Row("targets", "Which scrape targets do not answer, and why?", targets.targets),
    Row("probes", "Which services cannot be reached from outside, and from where?", probes.probes),
    Row("certificates", "Which certificates have expired or are about to?", certificates.certificates),
)


class PrometheusConnector:
    """One Prometheus in one environment."""

    name = "prometheus"

    def __init__(
        self, client: Prometheus, rate_window: str = "3m", clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._rate_window = rate_window
        self._clock = clock

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """All checks, bound to one survey so that they share what they ask."""
        survey = self._survey(inquiry)
        return [
            Check(row.name, row.question, partial(row.run, survey), needs=row.needs, decides=row.decides)
            for row in CHECKS
        ]

    def tools(self) -> Sequence[Tool]:
        """The read-only queries for the persona."""
        return tools.table(self._survey)

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Workloads of the scope that any known metric names."""
        survey = self._survey(Inquiry(scope=scope, window=Window.ending(self._clock(), timedelta(hours=1))))
        names = await survey.names()
        seen: dict[Subject, None] = {}
        for metric, expression in _NAMING:
            if metric in names:
                reading = await survey.instant(survey.fill(expression))
                seen.update(dict.fromkeys(s for x in reading.streams if (s := subject_of(x.labels))))
        return sorted(seen, key=str)

    async def dependencies(self) -> Sequence[tuple[Subject, Subject]]:
        """Who calls whom and what runs on which node, as far as anything counts that. Raises `ConnectorError`."""
        survey = self._survey(Inquiry(scope=Scope(), window=Window.ending(self._clock(), timedelta(hours=1))))
        return await wiring.dependencies(survey, await self.subjects(Scope()))

    async def load(self) -> None:
        """Import the SDK: seconds that no incident should wait for."""
        await self._client.load()

    async def health(self) -> Sequence[Health]:
        """Whether it answers, and what it is set to that would make answers wrong."""
        return await health(self._client, self._rate_window)

    async def aclose(self) -> None:
        """Close the connections."""
        self._client.close()

    def _survey(self, inquiry: Inquiry) -> Survey:
        return Survey(self._client, inquiry, self._rate_window)


_NAMING = (
    ("kube_deployment_created", "max by (namespace, deployment) (kube_deployment_created{$m})"),
    ("kube_statefulset_created", "max by (namespace, statefulset) (kube_statefulset_created{$m})"),
    (
        "istio_requests_total",
        "count by (destination_service_name, destination_service_namespace) (istio_requests_total)",
    ),
    ("probe_success", "count by (namespace, service) (probe_success{$m})"),
    ("up", "count by (namespace, service, job) (up{$m})"),
)


@reads(*COMMON, "rate_window")
def open_connector(settings: ConnectorSettings) -> PrometheusConnector | None:
    """The connector of these settings; None without a url.

    Options: `url`, `token`, `username`, `password`, `headers`, `verify`, `ca` (path), `timeout` (seconds),
    `external_url` (the address people reach, for links), `rate_window` (at least four scrape intervals).
    """
    options = Options.read(settings.options)
    if options is None:
        return None
    options = replace(options, parallel=PARALLEL)
    rate_window, tape = str(settings.options.get("rate_window") or "3m"), settings.tape
    if tape is None:
        return PrometheusConnector(Prometheus(options), rate_window)
    shown = {"url": options.url, "external_url": options.external_url, "rate_window": rate_window}
    tape.opened(PrometheusConnector.name, shown)
    caller = Caller("prometheus", explain, limit=options.parallel, tape=tape)
    return PrometheusConnector(Prometheus(options, caller), rate_window, lambda: tape.now)
