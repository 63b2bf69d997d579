"""The postmortem holds what was recorded, and asks for what was not."""

from __future__ import annotations

from datetime import timedelta

from chatops.domain.incident import TimelineEntry
from chatops.render.postmortem import messages, postmortem
from tests.conftest import NOW
from tests.render import cases, golden
from tests.slack.payloads import broadcasts, problems

RECORD = (
    TimelineEntry(at=NOW - timedelta(minutes=12), kind="alert", text="firing: CartErrorRate", by="alertmanager"),
    TimelineEntry(at=NOW, kind="resolved", text="rolled back to 1.4.1", by="U1"),
)


def test_the_document() -> None:
    incident = cases.incident(status="resolved", resolved_at=NOW, resolution="rolled back to 1.4.1")
    golden.compare("postmortem.md", postmortem(incident, cases.diagnosis(), RECORD))


def test_without_anything_known() -> None:
    text = postmortem(cases.incident(status="stopped"), None, ())
    assert "No cause was found." in text
    assert "Nothing was recorded." in text
    assert "not resolved yet" in text


def test_what_says_nothing_new_is_left_out() -> None:
    record = [
        TimelineEntry(at=NOW, kind="opened", text="opened by alert CartErrorRate", by="alertmanager"),
        TimelineEntry(at=NOW, kind="facts", text="cart is down", by="chatops"),
        TimelineEntry(at=NOW, kind="diagnosis", text="identified: cart is down", by="chatops"),
        TimelineEntry(at=NOW, kind="postmortem", text="postmortem", by="U1"),
    ]
    text = postmortem(cases.incident(), cases.diagnosis(), record)
    lines = [line.partition("** ")[2] for line in text.splitlines() if line.startswith("- **12:")]
    assert lines == ["opened by alert CartErrorRate (alertmanager)", "diagnosis: identified: cart is down"]
    assert "| – |" not in text


def test_a_long_record_becomes_several_messages() -> None:
    incident, diagnosis = cases.hostile()
    record = [TimelineEntry(at=NOW, kind="answer", text=f"{i} {cases.HOSTILE}", by="U1") for i in range(100)]
    told = messages(incident, diagnosis, record)
    assert len(told) > 2
    assert all(problems(one.blocks, one.text) == [] and broadcasts(one.model_dump()) == [] for one in told)
    assert all(f"{i} " in "".join(str(one.blocks) for one in told) for i in range(100))
