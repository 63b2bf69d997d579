"""What commands answer."""

from __future__ import annotations

from typing import Any

from chatops.domain.diagnosis import Engine, RunbookLink, Usage
from chatops.domain.incident import TimelineEntry
from chatops.domain.ports import RunbookHit
from chatops.render import card, replies
from connectors.contract import Health
from tests.conftest import NOW
from tests.render import cases, golden
from tests.slack.payloads import broadcasts, problems

RECORD = (
    TimelineEntry(at=NOW, kind="opened", text="opened by alert CartErrorRate", by="alertmanager"),
    TimelineEntry(at=NOW, kind="question", text="was there a deploy?", by="U1"),
)


def test_status_is_a_catch_up() -> None:
    golden.check("status", replies.status(cases.incident(), cases.diagnosis(), RECORD, now=NOW, page=cases.PAGE))


def test_status_says_what_a_model_used() -> None:
    engine = Engine(kind="model", model="claude-x", turns=2, usage=Usage(input_tokens=9_000, cost_usd=0.044))
    told = replies.status(cases.incident(), cases.diagnosis(engine=engine), RECORD, now=NOW)
    assert "By claude-x in 2 turns" in str(told.blocks)
    assert "9,000 tokens in" in str(told.blocks)


def test_why_shows_both_sides() -> None:
    golden.check("why", replies.why(cases.incident(), cases.diagnosis(), page=cases.PAGE))


def test_why_without_a_hypothesis() -> None:
    assert "no hypothesis" in replies.why(cases.incident(), None).text
    told = replies.why(cases.incident(), cases.diagnosis(hypotheses=(), summary="Nothing is wrong."))
    assert "Nothing is wrong." in str(told.blocks)


def test_runbooks() -> None:
    why = "it speaks of: memory"
    page = RunbookLink(title="OOMKilled", href="https://runbooks.example/oom", section="Limits", why=why)
    hit = RunbookHit(page, "oom", 0.9, "text", "Look.")
    shown = str(replies.runbooks("OOM", [hit]).blocks)
    assert "<https://runbooks.example/oom|OOMKilled>" in shown
    assert "_Fits: it speaks of: memory_" in shown
    assert "No runbook fits `OOM`" in replies.runbooks("OOM", []).text


def test_a_runbook_with_an_address_that_is_none_is_named_only() -> None:
    hit = RunbookHit(RunbookLink(title="Bad", href="javascript:alert(1)|x> <!channel>"), "bad", 0.9, "text")
    assert "javascript" not in str(replies.runbooks("x", [hit]).blocks)


def test_the_list_has_open_ones_first() -> None:
    done = cases.incident(id="inc-1n8z0w0000000001", title="old one", status="resolved", resolved_at=NOW)
    text = str(replies.listing([done, cases.incident()], now=NOW).blocks)
    assert text.index("CartErrorRate") < text.index("old one")
    assert "No incident" in replies.listing([], now=NOW).text


def test_a_line_of_the_list_begins_as_the_card_does() -> None:
    text = str(replies.listing([cases.incident()], now=NOW, known={cases.ID: cases.diagnosis()}).blocks)
    assert f"{card.root_card(cases.incident(), cases.diagnosis(), now=NOW).text[:40]}" in text


def test_a_source_is_one_line_and_what_fails_comes_first() -> None:
    reads = [Health(f"cloudwatch (default): read {n}", ok=True, detail="x") for n in range(20)]
    bad = Health("kubernetes (default): pods", ok=False, detail="forbidden", remedy="grant it")
    good = Health("kubernetes (default): nodes", ok=True, detail="x")
    sources: Any = replies.settings({}, [*reads, good, bad]).blocks[-1]
    assert sources["text"]["text"].splitlines()[1:] == [
        "⚠️ kubernetes (default): 1 of 2 reads work",
        "• pods: grant it",
        "✅ cloudwatch (default): answers, all 20 reads are allowed",
    ]


def test_settings_name_what_helps() -> None:
    bad = Health(name="prometheus", ok=False, detail="connection refused", remedy="set CHATOPS_PROMETHEUS__URL")
    text = str(replies.settings({"You are": "viewer"}, [bad]).blocks)
    assert "connection refused → set CHATOPS_PROMETHEUS__URL" in text


def test_help() -> None:
    golden.check("help", replies.usage("/triage", [("status", "where it stands")]))


def test_hostile_text_does_nothing() -> None:
    incident, diagnosis = cases.hostile()
    record = [TimelineEntry(at=NOW, kind="question", text=cases.HOSTILE, by=cases.HOSTILE)]
    for message in (
        replies.status(incident, diagnosis, record, now=NOW, page=cases.PAGE),
        replies.why(incident, diagnosis, page=cases.PAGE),
        replies.listing([incident], now=NOW),
        replies.runbooks(cases.HOSTILE, []),
        replies.settings({cases.HOSTILE: cases.HOSTILE}, [Health(cases.HOSTILE, False, cases.HOSTILE, cases.HOSTILE)]),
    ):
        assert problems(message.blocks, message.text) == []
        assert broadcasts(message.model_dump()) == []


def test_where_nothing_was_checked_yet_no_block_is_empty() -> None:
    bare = cases.diagnosis(coverage=())
    for message in (
        replies.status(cases.incident(), bare, (), now=NOW, page=cases.PAGE),
        card.root_card(cases.incident(status="failed"), bare, now=NOW, page=cases.PAGE),
    ):
        assert problems(message.blocks, message.text) == []
