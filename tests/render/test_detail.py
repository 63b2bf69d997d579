"""What stands under the card: progress, evidence, results of checks, moves of hypotheses, answers."""

from __future__ import annotations

from chatops.domain.ports import Step
from chatops.render import detail
from connectors.evidence import Coverage, State
from tests.render import cases, golden
from tests.slack.payloads import broadcasts, problems


def test_progress_ticks_off() -> None:
    tasks = [
        Step("1", "Pods of cart", "complete", "2 pods"),
        Step("2", "Log lines", "in_progress"),
        Step("3", "Alarms", "error", "timeout"),
    ]
    message = detail.progress("Investigating", tasks)
    golden.check("progress", message)
    assert message.text == "Investigating (2 of 3)"


def test_progress_of_a_hundred_steps_shows_the_last() -> None:
    message = detail.progress("Investigating", [Step(str(i), f"step {i}", "complete") for i in range(100)])
    plan = message.blocks[0]
    titles = [task["title"] for task in plan["tasks"]]  # type: ignore[attr-defined]
    assert (titles[0], titles[-1], len(titles)) == ("step 50", "step 99", 50)


def test_evidence_that_decides_comes_first_with_a_chart() -> None:
    message = detail.evidence_card(cases.incident(), cases.diagnosis(), page=cases.PAGE)
    golden.check("evidence", message)
    assert [item.id for item in detail.decisive(cases.diagnosis())] == ["E1", "E2", "E3", "E4"]
    assert any(block["type"] == "data_visualization" for block in message.blocks)


def test_a_check_says_who_ran_what_and_what_came_of_it() -> None:
    step = cases.diagnosis().next_steps[0]
    message = detail.check_result(cases.incident(), step, cases.evidence()[:1], (), by="U1", page=cases.PAGE)
    golden.check("check", message)
    assert "<@U1>" in str(message.blocks)
    assert "kubectl top pods -n shop" in str(message.blocks)


def test_a_check_that_failed_says_why() -> None:
    step = cases.diagnosis().next_steps[0]
    row = Coverage(source="kubernetes", check="top", state=State.FAILED, detail="metrics API not available")
    shown = str(detail.check_result(cases.incident(), step, (), (row,), by="somebody <@U2>").blocks)
    assert "metrics API not available" in shown
    assert "<@U2>" not in shown


def test_a_check_that_found_nothing_says_so() -> None:
    step = cases.diagnosis().next_steps[0]
    assert "found nothing" in str(detail.check_result(cases.incident(), step, (), (), by="U1").blocks)


def test_what_moved() -> None:
    before = cases.diagnosis()
    one, two = before.hypotheses
    after = before.model_copy(
        update={
            "hypotheses": (
                one.model_copy(update={"confidence": 0.97}),
                two.model_copy(update={"status": "ruled out", "reason": "requests are as ever"}),
                two.model_copy(update={"id": "H3", "statement": "The node is short of memory"}),
            )
        }
    )
    (message,) = detail.reply(cases.incident(), "It is memory.", "answer:1", before, after, "")
    golden.check("moved", message)


def test_what_was_shown_before_is_not_shown_again() -> None:
    same = cases.diagnosis()
    (message,) = detail.reply(cases.incident(), "It is memory.", "answer:1", same, same, "")
    assert "What moved" not in str(message.blocks)
    assert "run_check" not in str(message.blocks), "the card has these"
    assert list(detail.moves(cases.diagnosis(), cases.diagnosis())) == []


def test_an_answer_carries_its_buttons_once() -> None:
    text = "It is **memory** (E2).\n\n```sh\n" + "kubectl top pods\n" * 900 + "```\nThat is all."
    messages = detail.answer(cases.incident(), text, "answer:1", steps=cases.diagnosis().next_steps)
    assert len(messages) == 2
    assert all(problems(one.blocks, one.text) == [] for one in messages)
    assert ["context_actions" in str(one.blocks) for one in messages] == [False, True]
    assert all(one.blocks[0]["text"].count("```") == 2 for one in messages)  # type: ignore[attr-defined]


def test_hostile_text_does_nothing() -> None:
    incident, diagnosis = cases.hostile()
    shown = [
        detail.evidence_card(incident, diagnosis, page=cases.PAGE),
        detail.check_result(incident, diagnosis.next_steps[0], diagnosis.evidence, diagnosis.coverage, by="U1"),
        detail.progress(cases.HOSTILE, [Step("1", cases.HOSTILE, "error", cases.HOSTILE)]),
        *detail.answer(incident, cases.HOSTILE, "answer:1", steps=diagnosis.next_steps, engine=cases.HOSTILE),
    ]
    for message in shown:
        assert problems(message.blocks, message.text) == []
        assert broadcasts(message.model_dump(), allowed=("U1",)) == []
