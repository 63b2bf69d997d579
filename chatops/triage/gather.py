"""Context from every connector at once, under one deadline: evidence, findings, and a coverage row for every check.

Nothing here can fail: a check that raises, hangs or is forbidden becomes a row that says so. What the checks
bring is redacted before anything else sees it, and what cannot be redacted does not pass.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import anyio

from chatops import tracing
from chatops.domain.casefile import Proposal
from chatops.policy.redaction import RedactionFailed
from chatops.telemetry import Metrics, log
from chatops.triage import following
from chatops.triage.results import Gathered, Results
from connectors.contract import Check, Connector, ConnectorError, Follows, Inquiry
from connectors.evidence import Coverage, Evidence, Finding, Observation, State

Again = Callable[["Gathered"], Inquiry | None]
"""What the first look tells → the inquiry of a second one, with its focus; None where it is not worth it."""
V = TypeVar("V", Coverage, Evidence, Finding, Proposal, str)


class Redactor(Protocol):
    """What may leave: returns the value without secrets or raises `RedactionFailed`."""

    def value(self, value: V, /) -> V:
        """The value without secrets."""
        ...


@dataclass(frozen=True)
class Gatherer:
    """Runs the checks of an environment's connectors. `None` stands for a source that is not configured."""

    connectors: Mapping[str, Connector | None]
    redactor: Callable[[str], Redactor]
    """Incident id → its redactor: the same secret is the same tag within an incident."""
    deadline: float = 10.0
    """Seconds for everything."""
    facts_after: float = 2.0
    """Seconds after which what is known is shown, though checks still run."""
    again_within: float = 1.5
    """Seconds for a second look."""
    patience: float = 1.0
    """Factor for the checks' own time limits: more where nobody waits in a thread (the command line)."""
    metrics: Metrics | None = None
    clock: Callable[[], float] = time.monotonic

    async def gather(
        self,
        incident_id: str,
        inquiry: Inquiry,
        on_partial: Callable[[Gathered], Awaitable[None]] | None = None,
        again: Again | None = None,
    ) -> Gathered:
        """Run every check that fits; return what came within the deadline. Never raises for a source.

        Where `again` wants a second look, what is known is shown first.
        """
        with tracing.span("gather", incident=incident_id) as step:
            gathered = await self._gather(incident_id, inquiry, on_partial, again)
            counted = Counter(row.state.value for row in gathered.coverage)
            tracing.note(step, evidence=len(gathered.evidence), findings=len(gathered.findings))
            tracing.note(step, **{state.replace(" ", "_"): count for state, count in counted.items()})
        return gathered

    async def _gather(
        self,
        incident_id: str,
        inquiry: Inquiry,
        on_partial: Callable[[Gathered], Awaitable[None]] | None,
        again: Again | None,
    ) -> Gathered:
        begun = self.clock()
        results = self._plan(inquiry)
        redactor = self.redactor(incident_id)
        finished = anyio.Event()

        async def show_partial() -> None:
            with anyio.move_on_after(self.facts_after):
                await finished.wait()
                return
            if on_partial is not None:
                await on_partial(results.snapshot(self.clock() - begun))

        async def run_all() -> None:
            with anyio.move_on_after(self.deadline):
                async with anyio.create_task_group() as checks:
                    for index in range(len(results.order)):
                        checks.start_soon(self._run, index, results, inquiry, redactor)
                    checks.start_soon(self._follow, results, inquiry, redactor)
            finished.set()

        async with anyio.create_task_group() as group:
            group.start_soon(show_partial)
            await run_all()
        self._close(results)
        first = results.snapshot(self.clock() - begun)
        closer = again(first) if again else None
        if closer is None:
            return first

        async def show_first() -> None:
            if on_partial is not None:
                await on_partial(first)

        async with anyio.create_task_group() as group:
            group.start_soon(show_first)
            await self._look_again(results, closer, redactor)
        return results.snapshot(self.clock() - begun)

    async def _follow(self, results: Results, inquiry: Inquiry, redactor: Redactor) -> None:
        """Where one source reads that a workload uses a host, ask the source whose resource answers there about it."""
        if not any(isinstance(one, Follows) for one in self.connectors.values()):
            return
        heard: set[str] = set()
        while teller := await results.reaching(heard):
            heard.add(teller)
            await results.all_of(teller)
            await self._ask_behind(results, inquiry, redactor)

    async def _ask_behind(self, results: Results, inquiry: Inquiry, redactor: Redactor) -> None:
        wanted = following.hosts(results.topology, results.findings, inquiry)
        for source, known in (await following.behind(self.connectors, inquiry, wanted)).items():
            new = {resource for host, resource in known.items() if host not in results.behind}
            results.behind |= known
            await results.all_of(source)
            if not new <= results.looked_at(source):
                wider = inquiry.model_copy(update={"hosts": tuple(results.behind)})
                await self._run_all_again(results, results.indices(source), wider, redactor)

    async def _look_again(self, results: Results, inquiry: Inquiry, redactor: Redactor) -> None:
        """Run those checks once more that left something out; where that fails, what they found at first stands."""
        left = [index for index, (row, _) in results.got.items() if row.unread]
        with anyio.move_on_after(self.again_within * self.patience):
            await self._run_all_again(results, left, inquiry, redactor)

    async def _run_all_again(
        self, results: Results, indices: Sequence[int], inquiry: Inquiry, redactor: Redactor
    ) -> None:
        sources = {results.order[index][0] for index in indices}
        planned = {(source, check.name): check for source, check in self._plan(inquiry, sources).order}
        async with anyio.create_task_group() as group:
            for index in indices:
                source, check = results.order[index]
                if (source, check.name) in planned:
                    group.start_soon(self._run_again, index, results, planned[source, check.name], redactor)

    async def _run_again(self, index: int, results: Results, check: Check, redactor: Redactor) -> None:
        begun = self.clock()
        known, before = results.got[index]
        with tracing.span(f"check {known.source}/{check.name}", source=known.source, check=check.name) as step:
            state, detail, observation = await _observe(check, check.timeout * self.patience)
            tracing.note(step, state=state.value, again=True)
        ms = known.ms + round((self.clock() - begun) * 1000)
        row = _row(known.source, known.check, state, detail, known.decides, ms)
        row, found = _redacted(row, observation, redactor)
        # What was found at first stands where a second look fails; where there was nothing, the failure is told.
        if row.state is not State.FAILED or not (before.evidence or before.findings):
            kept = {one.key: one for one in (*before.evidence, *found.evidence)}
            results.keep(index, row, found.model_copy(update={"evidence": tuple(kept.values())}))

    def _plan(self, inquiry: Inquiry, only: Collection[str] | None = None) -> Results:
        order: list[tuple[str, Check]] = []
        rows: list[Coverage] = []
        for source, connector in self.connectors.items():
            if only is not None and source not in only:
                continue
            if connector is None:
                rows.append(_row(source, "all", State.NOT_CONFIGURED, f"no settings for {source}"))
                continue
            try:
                order += [(source, check) for check in connector.checks(inquiry)]
            except Exception as bug:  # noqa: BLE001 - a connector of a third party must not end the triage
                log.exception("checks could not be planned", source=source)
                rows.append(_row(source, "all", State.FAILED, f"the connector failed: {type(bug).__name__}"))
        return Results(order, rows=rows)

    async def _run(self, index: int, results: Results, inquiry: Inquiry, redactor: Redactor) -> None:
        source, check = results.order[index]
        missing = [n for n in check.needs if not (getattr(inquiry.scope, n, "") or getattr(inquiry, n, ""))]
        if missing:
            detail = f"needs {' and '.join(missing)}, which nothing gave"
            row = _row(source, check.name, State.SKIPPED, detail, check.decides)
            results.keep(index, row, Observation())
            return
        begun = self.clock()
        with tracing.span(f"check {source}/{check.name}", source=source, check=check.name) as step:
            state, detail, observation = await _observe(check, check.timeout * self.patience)
            tracing.note(step, state=state.value)
        row = _row(source, check.name, state, detail, check.decides, round((self.clock() - begun) * 1000))
        results.keep(index, *_redacted(row, observation, redactor))
        if self.metrics:
            self.metrics.check_seconds.labels(source, check.name).observe(self.clock() - begun)
            self.metrics.checks.labels(source, check.name, state.value).inc()

    def _close(self, results: Results) -> None:
        for index, (source, check) in enumerate(results.order):
            if index not in results.got:
                detail = f"not finished within the {self.deadline:g} s of the gathering"
                row = _row(source, check.name, State.FAILED, detail, check.decides, round(self.deadline * 1000))
                results.got[index] = (row, Observation())


def _row(source: str, check: str, state: State, detail: str, decides: tuple[str, ...] = (), ms: int = 0) -> Coverage:
    return Coverage(source=source, check=check, state=state, detail=detail, ms=ms, decides=decides)


async def _observe(check: Check, seconds: float) -> tuple[State, str, Observation]:
    """Run one check: the one place, beside the edge of a job, where every exception becomes a result."""
    try:
        with anyio.fail_after(seconds):
            observation = await check.run()
    except TimeoutError:
        return State.FAILED, f"timeout: no answer within {seconds:g} s", Observation()
    except ConnectorError as error:
        return State.FAILED, error.brief, Observation()
    except Exception as bug:  # noqa: BLE001
        log.exception("check failed", check=check.name)
        return State.FAILED, f"an error of ours in this check: {type(bug).__name__}", Observation()
    if observation.skipped:
        return State.SKIPPED, observation.skipped, observation
    if observation.evidence or observation.findings:
        return State.CHECKED, observation.partial, observation
    if observation.partial:
        return State.FAILED, observation.partial, observation  # nothing found, and not all of it could be read
    return (State.NO_DATA if observation.searched else State.CHECKED), observation.searched, observation


def _redacted(row: Coverage, observation: Observation, redactor: Redactor) -> tuple[Coverage, Observation]:
    """Redact what a check brought; what fails to be redacted does not pass, and the row says so."""
    try:
        evidence = tuple(redactor.value(one) for one in observation.evidence)
        findings = tuple(redactor.value(one) for one in observation.findings)
        row = row.model_copy(update={"unread": observation.unread, "watched": observation.watched})
        return redactor.value(row), observation.model_copy(update={"evidence": evidence, "findings": findings})
    except RedactionFailed as error:
        log.error("redaction failed, the check's results are withheld", source=row.source, check=row.check)
        withheld = f"withheld: its text could not be redacted ({type(error).__name__})"
        return row.model_copy(update={"state": State.FAILED, "detail": withheld}), Observation()


_PASSING = ("timeout:", "unreachable:", "throttled:", "open_circuit:", "not finished within")


def may_pass(coverage: Sequence[Coverage]) -> bool:
    """Whether what failed may answer a little later: it was late, away or busy, and not forbidden or wrong."""
    return any(row.state is State.FAILED and row.detail.startswith(_PASSING) for row in coverage)


def nothing_reachable(coverage: Sequence[Coverage]) -> bool:
    """Whether not one source could be read: nothing is configured, or everything failed."""
    return not any(row.state in (State.CHECKED, State.NO_DATA) for row in coverage)
