"""A query in a few words, and what came of it."""

from __future__ import annotations

import pytest

from chatops.domain.ports import Step, ToolAnswer
from chatops.persona import steps
from connectors.evidence import Coverage, State
from tests.render import cases


def test_a_query_is_named_by_what_it_asks_for() -> None:
    step = steps.begun("t1", "kubernetes_logs", {"namespace": "shop", "names": ["cart", "web"], "previous": None})
    assert step == Step("t1", "kubernetes logs: shop, cart web", "in_progress")
    assert steps.begun("t2", "alarms", {}).title == "alarms"
    assert len(steps.begun("t3", "query", {"promql": "x" * 5_000}).title) <= 120


FAILED = Coverage(source="prometheus", check="query", state=State.FAILED, detail="timeout after 8 s")


@pytest.mark.parametrize(
    ("got", "status", "detail"),
    [
        (ToolAnswer("…", evidence=tuple(cases.evidence()[:1])), "complete", f"E1 {cases.evidence()[0].summary}"),
        (ToolAnswer("nothing", coverage=(FAILED,), is_error=True), "error", "timeout after 8 s"),
        (ToolAnswer("There is no such tool.", is_error=True), "error", "it could not be asked like this"),
        (ToolAnswer("No lines."), "complete", "nothing new"),
    ],
)
def test_its_outcome_is_what_was_seen_or_why_not(got: ToolAnswer, status: str, detail: str) -> None:
    ended = steps.ended(Step("t1", "logs", "in_progress"), got)
    assert (ended.id, ended.title, ended.status) == ("t1", "logs", status)
    assert ended.detail[:40] == detail[:40]
