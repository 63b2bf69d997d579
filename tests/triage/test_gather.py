"""Every check ends in exactly one coverage row, whatever its source does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.triage.gather import Gatherer, nothing_reachable
from chatops.triage.results import Gathered
from connectors.contract import Check, ConnectorError, Health, Inquiry, Scope, Tool
from connectors.evidence import LogPatterns, Observation, State, Subject
from tests import factories


@dataclass
class Source:
    """A connector with the checks it is given."""

    given: Sequence[Check]
    name: str = "test"
    broken: bool = False
    closed: list[bool] = field(default_factory=list)

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        if self.broken:
            raise KeyError("a bug")
        return self.given

    def tools(self) -> Sequence[Tool]:
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        return ()

    async def health(self) -> Sequence[Health]:
        return ()

    async def aclose(self) -> None:
        self.closed.append(True)


def check(name: str, run: Callable[[], Awaitable[Observation]], **changes: Any) -> Check:
    return Check(name=name, question="?", run=run, **changes)


def returning(observation: Observation) -> Callable[[], Awaitable[Observation]]:
    async def run() -> Observation:
        return observation

    return run


def raising(error: Exception) -> Callable[[], Awaitable[Observation]]:
    async def run() -> Observation:
        raise error

    return run


async def hang() -> Observation:
    await anyio.sleep(3600)
    raise AssertionError


def gatherer(*checks: Check, **changes: Any) -> Gatherer:
    sources = {"test": Source(checks), "other": None}
    fields: dict[str, Any] = {"connectors": sources, "redactor": lambda _: Redactor(key=b"k"), "deadline": 0.5}
    return Gatherer(**{**fields, **changes})


INQUIRY = factories.incident().inquiry
FOUND = Observation(evidence=(factories.evidence(id=""),), findings=(factories.finding(),))


async def test_each_outcome_is_one_row() -> None:
    gathered = await gatherer(
        check("found", returning(FOUND)),
        check("empty", returning(Observation(searched="pods in shop, last hour"))),
        check("idle", returning(Observation(skipped="no namespace is known"))),
        check("half", returning(Observation(searched="pods in shop", partial="events: forbidden"))),
        check("forbidden", raising(ConnectorError("forbidden", "list events", "events is forbidden")), decides=("X",)),
        check("bug", raising(KeyError("ours"))),
        check("slow", hang, timeout=0.05),
        check("slower", hang, timeout=3600),
        check("scoped", returning(FOUND), needs=("account", "region")),
        deadline=5,
    ).gather("inc-1", INQUIRY)
    rows = {row.check: (row.state, row.detail) for row in gathered.coverage}
    assert rows == {
        "all": (State.NOT_CONFIGURED, "no settings for other"),
        "found": (State.CHECKED, ""),
        "empty": (State.NO_DATA, "pods in shop, last hour"),
        "idle": (State.SKIPPED, "no namespace is known"),
        "half": (State.FAILED, "events: forbidden"),
        "forbidden": (State.FAILED, "forbidden: events is forbidden"),
        "bug": (State.FAILED, "an error of ours in this check: KeyError"),
        "slow": (State.FAILED, "timeout: no answer within 0.05 s"),
        "slower": (State.FAILED, "not finished within the 5 s of the gathering"),
        "scoped": (State.SKIPPED, "needs account and region, which nothing gave"),
    }
    assert [row.decides for row in gathered.coverage if row.check == "forbidden"] == [("X",)]
    assert gathered.complete
    assert [one.id for one in gathered.evidence] == ["E1"]
    assert not nothing_reachable(gathered.coverage)


async def test_facts_are_shown_while_checks_still_run_and_keep_their_numbers() -> None:
    late = Observation(evidence=(factories.evidence(2, id="", key="late", summary="Late."),))
    release = anyio.Event()

    async def slow() -> Observation:
        await release.wait()
        return late

    partial: list[Gathered] = []

    async def note(gathered: Gathered) -> None:
        partial.append(gathered)
        release.set()

    checks = [check("slow", slow, timeout=30), check("quick", returning(FOUND))]
    gathered = await gatherer(*checks, facts_after=0.05, deadline=30).gather("inc-1", INQUIRY, note)
    assert [[one.key for one in shown.evidence] for shown in partial] == [["kubernetes/pods/1"]]
    assert not partial[0].complete
    assert {row.check: row.detail for row in partial[0].coverage}["slow"] == "still running"
    assert [(one.id, one.key) for one in gathered.evidence] == [("E1", "kubernetes/pods/1"), ("E2", "late")]


async def test_quick_gathering_is_not_shown_twice() -> None:
    async def note(gathered: Gathered) -> None:
        pytest.fail("there is nothing partial to show")

    await gatherer(check("quick", returning(FOUND)), facts_after=30).gather("inc-1", INQUIRY, note)


async def test_secrets_do_not_pass() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    said = factories.evidence(summary=f"clone failed with {token}")
    gathered = await gatherer(check("logs", returning(Observation(evidence=(said,))))).gather("inc-1", INQUIRY)
    assert token not in gathered.evidence[0].summary
    assert "[secret:" in gathered.evidence[0].summary


async def test_what_cannot_be_redacted_is_withheld_and_said() -> None:
    class Failing:
        def value(self, value: Any) -> Any:
            if getattr(value, "title", ""):
                raise RedactionFailed("broken")
            return value

    gathered = await gatherer(check("logs", returning(FOUND)), redactor=lambda _: Failing()).gather("inc-1", INQUIRY)
    assert gathered.evidence == ()
    assert gathered.findings == ()
    (row,) = [row for row in gathered.coverage if row.check == "logs"]
    assert (row.state, row.detail) == (State.FAILED, "withheld: its text could not be redacted (RedactionFailed)")


async def test_a_connector_that_cannot_plan_is_a_row() -> None:
    broken = Gatherer({"test": Source((), broken=True)}, lambda _: Redactor(key=b"k"))
    gathered = await broken.gather("inc-1", INQUIRY)
    assert [(row.source, row.state) for row in gathered.coverage] == [("test", State.FAILED)]
    assert nothing_reachable(gathered.coverage)


@dataclass
class Twice(Source):
    """A connector that reads more where it is told whom to look at."""

    closer: Sequence[Check] = ()

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        return self.closer if inquiry.focus else self.given


SUSPECT = Subject(kind="Service", name="cart")
FOCUSED = INQUIRY.model_copy(update={"focus": (SUSPECT,)})
PART = FOUND.model_copy(update={"unread": 3, "partial": "logs of 1 of 4 read"})
MORE = Observation(evidence=(factories.evidence(2, id="", key="closer"),), unread=1)


async def looked_twice(closer: Check, **changes: Any) -> tuple[Gathered, list[Gathered]]:
    shown: list[Gathered] = []

    async def show(gathered: Gathered) -> None:
        shown.append(gathered)

    first = (check("calm", returning(Observation(searched="x"))), check("logs", returning(PART), decides=("X",)))
    source = Twice(first, closer=(check("calm", raising(KeyError("not asked again"))), closer))
    by = gatherer(connectors={"test": source}, **changes)
    return await by.gather("inc-1", INQUIRY, show, lambda _: FOCUSED), shown


async def test_a_second_look_runs_only_what_was_left_out_and_is_shown_after_the_first() -> None:
    gathered, shown = await looked_twice(check("logs", returning(MORE), decides=("X",)))
    assert [(one.id, one.key) for one in shown[0].evidence] == [("E1", FOUND.evidence[0].key)]
    assert [one.id for one in gathered.evidence] == ["E1", "E2"]
    rows = {row.check: (row.state, row.unread, row.decides) for row in gathered.coverage}
    assert rows == {"calm": (State.NO_DATA, 0, ()), "logs": (State.CHECKED, 1, ("X",))}
    assert gathered.findings == ()


@pytest.mark.parametrize(
    "closer",
    [
        check("logs", raising(ConnectorError("timeout", "get log", "no answer"))),
        check("logs", hang),
        check("another", returning(MORE)),
    ],
)
async def test_what_the_first_look_found_stands_where_the_second_fails(closer: Check) -> None:
    gathered, _ = await looked_twice(closer, again_within=0.05)
    assert [one.id for one in gathered.evidence] == ["E1"]
    assert gathered.findings == FOUND.findings
    assert next(row.unread for row in gathered.coverage if row.check == "logs") == 3


async def test_no_second_look_where_the_first_is_enough() -> None:
    shown: list[Gathered] = []

    async def show(gathered: Gathered) -> None:
        shown.append(gathered)

    source = Twice((check("logs", returning(PART)),), closer=(check("logs", returning(MORE)),))
    gathered = await gatherer(connectors={"test": source}).gather("inc-1", INQUIRY, show, lambda _: None)
    assert ([one.id for one in gathered.evidence], shown) == (["E1"], [])


async def test_what_two_checks_read_alike_is_one_observation() -> None:
    log = LogPatterns(patterns=(), lines=3)
    once = Observation(evidence=(factories.evidence(id="", body=log),), findings=(factories.finding(),))
    again = Observation(
        evidence=(factories.evidence(id="", key="other", body=log),),
        findings=(factories.finding(rests_on=("other", "kubernetes/pods/1")),),
    )
    checks = check("first", returning(once)), check("second", returning(again))
    gathered = await gatherer(*checks).gather("inc-1", INQUIRY)
    assert [(one.id, one.key) for one in gathered.evidence] == [("E1", "kubernetes/pods/1")]
    assert [one.rests_on for one in gathered.findings] == [("kubernetes/pods/1",), ("kubernetes/pods/1",)]
