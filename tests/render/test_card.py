"""The root card in every state: the first line is the answer, and Slack takes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.render import blocks
from chatops.render.card import root_card
from chatops.render.simpler import simpler
from connectors.evidence import Coverage, State
from tests import factories
from tests.conftest import NOW
from tests.render import cases, golden
from tests.slack.payloads import broadcasts, problems


def first(message: Any) -> str:
    block = message.blocks[0]
    return str(block["text"]["text"])


def buttons(message: Any) -> dict[str, str]:
    rows = [b["elements"] for b in message.blocks if b["type"] == "actions"]
    rows += [[b["accessory"]] for b in message.blocks if "accessory" in b]
    return {one["action_id"]: one.get("value", "") for row in rows for one in row}


@pytest.mark.parametrize(
    ("name", "status", "known"),
    [
        ("opened", "open", False),
        ("facts", "investigating", True),
        ("answered", "answered", True),
        ("failed", "failed", True),
        ("stopped", "stopped", False),
        ("resolved", "resolved", True),
    ],
)
def test_each_state(name: str, status: str, known: bool) -> None:
    changes = {"resolved_at": NOW, "resolution": "rolled back to 1.4.1"} if status == "resolved" else {}
    doing = "reading the logs of cart" if status == "investigating" else ""
    message = root_card(
        cases.incident(status=status, **changes),
        cases.diagnosis() if known else None,
        cases.symptoms() if known else (),
        now=NOW,
        page=cases.PAGE,
        doing=doing,
    )
    golden.check(f"card-{name}", message)


def test_the_first_line_is_the_answer() -> None:
    message = root_card(cases.incident(), cases.diagnosis(), now=NOW)
    assert first(message) == "🔴 cart 1.4.2 is killed for memory since its rollout at 11:48 UTC; 7% of requests fail"
    assert message.text == f"{first(message)} (prod · eu-1 · shop/cart)", "a locked phone shows this, and nothing else"


def test_a_long_answer_is_not_cut_at_the_headline() -> None:
    summary = "checkout " + "fails because of a reason that takes long to say " * 6 + "END"
    assert "END" in first(root_card(cases.incident(), cases.diagnosis(summary=summary), now=NOW))


def test_it_turns_green() -> None:
    going = root_card(cases.incident(), cases.diagnosis(), now=NOW)
    done = root_card(cases.incident(status="resolved", resolved_at=NOW), cases.diagnosis(), now=NOW)
    assert first(done).startswith("🟢")
    assert going.color != done.color == "#2f855a"


def test_only_what_can_be_run_has_a_button() -> None:
    shown = buttons(root_card(cases.incident(), cases.diagnosis(), now=NOW))
    assert shown["chatops.run_check:S1"] == f"{cases.ID}|S1"
    assert "chatops.run_check:S2" not in shown


def test_button_values_hold_ids_only() -> None:
    for value in buttons(root_card(cases.incident(), cases.diagnosis(), now=NOW, page=cases.PAGE)).values():
        assert all(part.isalnum() or part.startswith("inc-") for part in value.split("|") if part)


def test_a_running_investigation_can_be_stopped_and_an_ended_one_repeated() -> None:
    running = buttons(root_card(cases.incident(status="investigating"), cases.diagnosis(), now=NOW))
    ended = buttons(root_card(cases.incident(), cases.diagnosis(), now=NOW))
    assert "chatops.stop" in running
    assert "chatops.retry" not in running
    assert {"chatops.retry", "chatops.resolve"} <= set(ended)


def test_the_coverage_strip_names_what_failed() -> None:
    text = str(root_card(cases.incident(), cases.diagnosis(), now=NOW).blocks)
    assert "3 checks ran, 2 found something" in text
    assert "Kubernetes nodes (forbidden: nodes is not listable)" in text
    assert "not connected: CloudWatch" in text


def test_a_ruled_out_hypothesis_is_not_shown_as_a_cause() -> None:
    one = cases.diagnosis()
    out = one.hypotheses[0].model_copy(update={"status": "ruled out"})
    text = str(root_card(cases.incident(), cases.diagnosis(hypotheses=(out, one.hypotheses[1])), now=NOW).blocks)
    assert out.statement not in text
    assert one.hypotheses[1].statement in text


def test_a_confirmed_cause_stands_alone() -> None:
    one, two = cases.diagnosis().hypotheses
    known = cases.diagnosis(hypotheses=(one.model_copy(update={"status": "confirmed", "confidence": 1.0}), two))
    text = str(root_card(cases.incident(), known, now=NOW).blocks)
    assert "*Cause*\\n" in text
    assert two.statement not in text
    assert "rule_out" not in text


def test_age_grows_until_it_is_resolved() -> None:
    text = str(root_card(cases.incident(), cases.diagnosis(), now=NOW + timedelta(hours=2)).blocks)
    assert "since 11:48 UTC (2 h 12 min)" in text


def test_nothing_in_hostile_text_acts() -> None:
    incident, diagnosis = cases.hostile()
    for status in ("open", "answered", "failed", "resolved"):
        shown = root_card(incident.model_copy(update={"status": status}), diagnosis, now=NOW, page=cases.PAGE)
        for level in range(3):
            message = simpler(shown, level)
            assert problems(message.blocks, message.text[:4000]) == []
            assert broadcasts(message.model_dump()) == []
            assert "<https://evil.example" not in str(message.model_dump())


def test_code_blocks_cannot_be_left() -> None:
    incident, diagnosis = cases.hostile()
    for block in root_card(incident, diagnosis, now=NOW).blocks:
        if block["type"] == "section":
            assert str(dict(block)).count("```") in (0, 2)


def test_far_too_much_still_fits_and_says_what_is_missing() -> None:
    one = cases.diagnosis()
    long = one.model_copy(
        update={
            "hypotheses": tuple(
                h.model_copy(update={"statement": "x" * 3000, "mechanism": "m" * 3000}) for h in one.hypotheses * 3
            ),
            "next_steps": tuple(
                s.model_copy(update={"id": f"S{i}", "command": "c" * 3000, "why": "w" * 900})
                for i, s in enumerate(one.next_steps * 5)
            ),
            "mitigations": tuple(
                m.model_copy(update={"text": "t" * 2000, "rollback": "r" * 900}) for m in one.mitigations * 4
            ),
            "gaps": tuple("g" * 900 for _ in range(20)),
            "runbooks": one.runbooks * 9,
            "coverage": tuple(
                Coverage(source="s", check="c" * 90, state=State.FAILED, detail="d" * 900) for _ in range(60)
            ),
        }
    )
    message = root_card(cases.incident(), long, cases.symptoms() * 30, now=NOW, page=cases.PAGE)
    assert problems(message.blocks, message.text) == []
    assert sum(map(blocks.weight, message.blocks)) <= blocks.MAX_TOTAL


def test_the_first_line_is_said_as_one_would_say_it() -> None:
    one = cases.diagnosis().hypotheses[0]
    known = cases.diagnosis(
        verdict="identified",
        summary=f"{one.subject}: The container is killed (86%, E1, E2). Not read: kubernetes/logs.",
    )
    assert first(root_card(cases.incident(), known, now=NOW)) == "🔴 cart: the container is killed"
    unsure = known.model_copy(update={"verdict": "inconclusive"})
    said = first(root_card(cases.incident(), unsure, now=NOW))
    assert said == f"🟡 {cases.incident().title}. cart: the container is killed. Not everything could be read"
    database = one.subject.model_copy(update={"kind": "DBInstance", "name": "orders-db"})
    held = cases.diagnosis(
        summary=f"{database}: The database has no free connections (97%, E8).",
        hypotheses=(one.model_copy(update={"subject": database}),),
    )
    said = first(root_card(cases.incident(), held, now=NOW))
    assert said.endswith("database orders-db: the database has no free connections")


def test_what_is_unlikely_beside_a_likely_cause_is_only_counted() -> None:
    one, two = cases.diagnosis().hypotheses
    step = cases.diagnosis().next_steps[0].model_copy(update={"hypothesis": two.id, "command": "kubectl get ns"})
    known = cases.diagnosis(next_steps=(*cases.diagnosis().next_steps, step))
    text = str(root_card(cases.incident(), known, now=NOW).blocks)
    assert two.statement not in text
    assert "kubectl get ns" not in text
    assert "1 less likely cause (at most 12%): `why` shows more" in text
    near = one.model_copy(update={"confidence": 0.4})
    text = str(root_card(cases.incident(), known.model_copy(update={"hypotheses": (near, two)}), now=NOW).blocks)
    assert two.statement in text
    assert "kubectl get ns" in text


def test_an_alert_that_only_says_its_name_again_is_said_once() -> None:
    alert = cases.incident().alerts[0].model_copy(update={"name": "HighErrorRate", "summary": "High error rate."})
    assert "High error rate" not in str(root_card(cases.incident(alerts=(alert,)), cases.diagnosis(), now=NOW).blocks)


def test_a_storm_says_the_same_once_and_how_much_there_is() -> None:
    alerts = tuple(
        factories.alert(
            fingerprint=f"a:{n}",
            name="HighLatency" if n else "CheckoutDown",
            summary="p99 above 1 s",
            labels={"service": f"s{n % 6}"},
        )
        for n in range(41)
    )
    text = str(root_card(cases.incident(alerts=alerts, more_alerts=9), cases.diagnosis(), now=NOW).blocks)
    assert text.count("HighLatency") == 1
    assert "p99 above 1 s (40 alerts in 6 services)" in text
    assert "+9 alerts" in text
    assert "50 alerts in 6 services" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"resolution": "rolled back"}, "🟢 Resolved: rolled back"),
        (
            {},
            "🟢 Resolved. It was: cart 1.4.2 is killed for memory",
        ),
    ],
)
def test_what_is_over_is_told_as_over(changes: dict[str, str], said: str) -> None:
    known = cases.diagnosis(summary="cart 1.4.2 is killed for memory")
    done = root_card(cases.incident(status="resolved", resolved_at=NOW, **changes), known, now=NOW)
    assert first(done) == said
    assert "Usual fix" not in str(done.blocks)


def test_a_healthy_verdict_does_not_hide_that_something_fires() -> None:
    well = cases.diagnosis(
        verdict="healthy", summary="Nothing is wrong in shop as far as 29 checks can tell.", hypotheses=()
    )
    shown = root_card(cases.incident(), well, now=NOW)
    assert first(shown).endswith("29 checks can tell, though CartErrorRate fires")
    assert "What is broken" not in str(shown.blocks)


def test_where_nothing_could_be_read_it_says_who_can_tell_why() -> None:
    blind = cases.diagnosis(verdict="blocked", summary="Cannot tell what is wrong in shop.", hypotheses=())
    assert "chatops doctor" in str(root_card(cases.incident(), blind, now=NOW).blocks)
