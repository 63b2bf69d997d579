"""What has been gathered so far: results as they come in, numbered once and for all, told as one picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import anyio

from connectors import topology
from connectors.contract import Check
from connectors.evidence import Coverage, Evidence, Finding, Observation, State, Subject, Topology


@dataclass(frozen=True)
class Gathered:
    """What is known so far. Evidence is numbered; `complete` is False while checks still run."""

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    complete: bool = True
    seconds: float = 0.0


def _resting(finding: Finding, same: Mapping[str, str]) -> Finding:
    """The finding with the keys of evidence that was read twice replaced by those that are kept."""
    keys = {"rests_on": finding.rests_on, "contradicted_by": finding.contradicted_by}
    if not same.keys() & {*finding.rests_on, *finding.contradicted_by}:
        return finding
    kept = {name: tuple(dict.fromkeys(same.get(key, key) for key in found)) for name, found in keys.items()}
    return finding.model_copy(update=kept)


@dataclass
class Results:
    """Results as they come in, by the order of the checks; numbers once given are kept."""

    order: list[tuple[str, Check]]
    got: dict[int, tuple[Coverage, Observation]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    rows: list[Coverage] = field(default_factory=list)
    behind: dict[str, Subject] = field(default_factory=dict)
    """What answers under the hosts that were followed."""
    changed: anyio.Event = field(default_factory=anyio.Event)
    """Set, and made anew, whenever a result has come."""

    def keep(self, index: int, row: Coverage, observation: Observation) -> None:
        """Keep a result and tell who waits for one."""
        self.got[index] = row, observation
        self.changed.set()
        self.changed = anyio.Event()

    def indices(self, source: str) -> list[int]:
        """The checks of a source."""
        return [index for index, (name, _) in enumerate(self.order) if name == source]

    async def all_of(self, source: str) -> None:
        """Wait until every check of a source has ended."""
        while not self.got.keys() >= set(self.indices(source)):
            await self.changed.wait()

    async def reaching(self, besides: Collection[str] = ()) -> str:
        """Wait for a source that tells of hosts, besides these: its name, or nothing once everything has ended."""
        while True:
            for index, (_, observation) in self.got.items():
                source = self.order[index][0]
                if source not in besides and observation.topology and observation.topology.reaches:
                    return source
            if len(self.got) == len(self.order):
                return ""
            await self.changed.wait()

    def looked_at(self, source: str) -> set[Subject | None]:
        """What there is evidence of from a source."""
        results = (self.got[index][1] for index in self.indices(source) if index in self.got)
        return {one.subject for observation in results for one in observation.evidence}

    @property
    def findings(self) -> list[Finding]:
        """What the sources have found so far."""
        return [one for _, observation in self.got.values() for one in observation.findings]

    @property
    def topology(self) -> Topology:
        """What all sources together know so far of who calls whom."""
        return topology.merged(observation.topology for _, observation in self.got.values())

    def _read_twice(self) -> dict[str, str]:
        """Evidence that says what another says, word for word → that other: the one whose number was shown already."""
        told: dict[tuple[str, str, str, str], list[str]] = {}
        for index in range(len(self.order)):
            for one in self.got[index][1].evidence if index in self.got else ():
                if one.body is not None:
                    told.setdefault((one.source, one.title, one.summary, one.query), []).append(one.key)
        same: dict[str, str] = {}
        for keys in told.values():
            kept = next((key for key in keys if key in self.numbers), keys[0])
            same |= {key: kept for key in keys if key != kept}
        return same

    def snapshot(self, seconds: float) -> Gathered:
        """What is known now."""
        evidence: list[Evidence] = []
        findings: list[Finding] = []
        same = self._read_twice()
        coverage = list(self.rows)
        for index, (source, check) in enumerate(self.order):
            row, observation = self.got.get(index) or (
                Coverage(
                    source=source, check=check.name, state=State.SKIPPED, detail="still running", decides=check.decides
                ),
                Observation(),
            )
            coverage.append(row)
            findings += observation.findings
            for one in observation.evidence:
                if one.key in same:
                    continue
                number = self.numbers.setdefault(one.key, f"E{len(self.numbers) + 1}")
                evidence.append(one.model_copy(update={"id": number}))
        findings = topology.related([_resting(one, same) for one in findings], self.topology)
        findings = topology.reached(findings, self.behind, self.topology)
        unique = {one.id: one for one in evidence}
        ordered = tuple(sorted(unique.values(), key=lambda one: int(one.id[1:])))
        return Gathered(ordered, tuple(findings), tuple(coverage), len(self.got) == len(self.order), seconds)
