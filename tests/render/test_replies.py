"""What commands answer."""

from __future__ import annotations

from chatops.domain.diagnosis import RunbookLink
from chatops.domain.incident import TimelineEntry
from chatops.domain.ports import RunbookHit
from chatops.render import replies
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


def test_why_shows_both_sides() -> None:
    golden.check("why", replies.why(cases.incident(), cases.diagnosis(), page=cases.PAGE))


def test_why_without_a_hypothesis() -> None:
    assert "no hypothesis" in replies.why(cases.incident(), None).text
    told = replies.why(cases.incident(), cases.diagnosis(hypotheses=(), summary="Nothing is wrong."))
    assert "Nothing is wrong." in str(told.blocks)


def test_runbooks() -> None:
    page = RunbookLink(title="OOMKilled", href="https://runbooks.example/oom", section="Limits")
    hit = RunbookHit(page, "oom", 0.9, "text", "Look.")
    assert "<https://runbooks.example/oom|OOMKilled>" in str(replies.runbooks("OOM", [hit]).blocks)
    assert "No runbook fits `OOM`" in replies.runbooks("OOM", []).text


def test_a_runbook_with_an_address_that_is_none_is_named_only() -> None:
    hit = RunbookHit(RunbookLink(title="Bad", href="javascript:alert(1)|x> <!channel>"), "bad", 0.9, "text")
    assert "javascript" not in str(replies.runbooks("x", [hit]).blocks)


def test_the_list_has_open_ones_first() -> None:
    done = cases.incident(id="inc-1n8z0w0000000001", title="old one", status="resolved", resolved_at=NOW)
    text = str(replies.listing([done, cases.incident()], now=NOW).blocks)
    assert text.index("CartErrorRate") < text.index("old one")
    assert "No incident" in replies.listing([], now=NOW).text


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
