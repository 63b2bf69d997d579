"""The loop at the wire: a real SDK against a scripted Messages API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chatops.domain.ports import Step, Watcher
from chatops.persona.tokens import estimate
from chatops.policy.redaction import RedactionFailed
from connectors.contract import Inquiry
from connectors.evidence import Observation
from tests.persona.cases import NOW, OneConnector, Pauses, case, evidence, found, persona, toolbox, turn
from tests.persona.messages_api import ANSWER, Say, call, events, overloaded, serving, submit, text

REFUSED = Say([text("I cannot")], stop_reason="refusal")
LOGS = Say([text("I read the logs."), call("pod_logs", {"name": "cart"})])


class Heard:
    """What a watcher was told."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.steps: list[Step] = []

    @property
    def watcher(self) -> Watcher:
        return Watcher(text=self._text, step=self._step)

    async def _text(self, words: str) -> None:
        self.text.append(words)

    async def _step(self, step: Step) -> None:
        self.steps.append(step)


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_after_one_round_of_tools(stream: bool) -> None:
    heard = Heard()
    async with serving([LOGS, Say([submit()])]) as api:
        result = await persona(api.url, stream=stream).diagnose(case(), toolbox(), heard.watcher)
    assert result.stopped == ""
    assert result.proposal is not None
    assert result.proposal.hypotheses[0].supporting == ("E1",)
    assert [item.id for item in result.evidence] == ["E2"]
    assert (result.turns, result.usage.input_tokens, result.usage.output_tokens) == (2, 2000, 200)
    assert result.usage.cost_usd > 0
    assert "".join(heard.text) == ("I read the logs." if stream else "")
    assert [(step.title, step.status) for step in heard.steps] == [
        ("pod logs: cart", "in_progress"),
        ("pod logs: cart", "complete"),
    ]


async def test_tools_of_one_turn_run_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def waits_for_the_other(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        await asyncio.wait_for(both.wait(), 5)
        return found(inquiry, arguments)

    asks = Say([call("pod_logs", {"name": "cart"}, "t1"), call("pod_logs", {"name": "redis"}, "t2")])
    async with serving([asks, Say([submit()])]) as api:
        tools = toolbox(OneConnector(pod_logs=waits_for_the_other))
        result = await persona(api.url).diagnose(case(), tools, Watcher())
    results = api.requests[1]["messages"][-1]["content"]
    assert [block["tool_use_id"] for block in results] == ["t1", "t2"]
    assert {item.key for item in result.evidence} == {"logs:cart", "logs:redis"}


async def test_a_refusal_ends_it_without_a_proposal() -> None:
    async with serving([REFUSED, REFUSED]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is None
    assert result.stopped.startswith("refusal")
    assert (len(api.requests), result.turns) == (2, 2)


async def test_what_one_model_declines_the_fallback_is_asked() -> None:
    heard = Heard()
    async with serving([LOGS, REFUSED, Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), heard.watcher)
    assert (result.stopped, result.model, result.usage.input_tokens) == ("", "claude-sonnet-5-5", 3000)
    assert api.requests[1]["messages"] == api.requests[2]["messages"]
    assert heard.steps[-1].detail == "refused: asking claude-sonnet-5-5 instead"


async def test_of_several_answers_the_first_that_can_be_read_is_taken() -> None:
    empty = call("submit_diagnosis", {}, "s1")
    async with serving([Say([LOGS.content[1], empty, {**submit(), "id": "s2"}])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert (result.stopped, len(api.requests)) == ("", 1)


async def test_a_tool_by_nearly_its_name_is_run_and_its_call_answered() -> None:
    asked = OneConnector(pod_logs=found)
    async with serving([Say([call("functions.pod-logs", {"name": "cart"}, "t1")]), Say([submit()])]) as api:
        await persona(api.url).diagnose(case(), toolbox(asked), Watcher())
    assert asked.asked == [("pod_logs", {"name": "cart"})]
    assert api.requests[1]["messages"][-1]["content"][0]["tool_use_id"] == "t1"


async def test_an_answer_without_hypotheses_answers_a_question_only() -> None:
    words = Say([call("submit_diagnosis", {"answer": "Since 10:33."})])
    async with serving([words]) as api:
        result = await persona(api.url).answer(case(), turn("since when?"), toolbox(), Watcher())
    assert result.proposal is not None
    assert (result.proposal.answer, result.proposal.verdict) == ("Since 10:33.", "probable")
    async with serving([words, Say([submit()])]) as api:
        await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert len(api.requests) == 2


async def test_an_answer_cut_at_the_length_limit_is_asked_for_in_fewer_words() -> None:
    cut = Say([text("long"), {**submit(), "raw": '{"answer": "", "hypo'}], stop_reason="max_tokens")
    async with serving([cut, Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert "fewer words" in str(api.requests[1]["messages"][-1])
    assert not any(block["type"] == "tool_use" for block in api.requests[1]["messages"][-2]["content"])


async def test_an_overload_is_waited_out() -> None:
    pauses = Pauses()
    async with serving([overloaded(), overloaded(), Say([submit()])]) as api:
        result = await persona(api.url, pauses, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert pauses.taken == [0.5, 1.0]
    assert len(api.requests) == 3


async def test_an_overload_that_lasts_turns_to_the_fallback_model() -> None:
    def script(number: int, request: dict[str, Any]) -> Say:
        return overloaded() if "opus" in request["model"] else Say([submit()])

    async with serving(script) as api:
        result = await persona(api.url, fallback="sonnet").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert result.model == "claude-sonnet-5-5"
    assert [request["model"] for request in api.requests] == ["claude-opus-5-5"] * 2 + ["claude-sonnet-5-5"]


async def test_a_retry_after_of_hours_is_capped() -> None:
    pauses = Pauses()
    limited = Say(status=429, error="rate_limit_error", headers={"retry-after": "7200"})
    async with serving([limited, Say([submit()])]) as api:
        result = await persona(api.url, pauses, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert pauses.taken == [20.0]


ANSWERED = Say([text("It is the memory limit."), submit()])


@pytest.mark.parametrize("ending", ["clean", "abort", "error"])
async def test_a_stream_cut_at_any_event_is_asked_for_again_and_told_once(ending: Any) -> None:
    whole = len(events(ANSWERED))
    for cut in range(whole):
        heard = Heard()
        first = Say(ANSWERED.content, events=cut, ending=ending)
        async with serving([first, ANSWERED]) as api:
            result = await persona(api.url).diagnose(case(), toolbox(), heard.watcher)
            assert result.proposal is not None, (ending, cut, result.stopped)
            assert len(api.requests) == 2, (ending, cut)
        assert "".join(heard.text) == "It is the memory limit.", (ending, cut)
        assert (result.usage.input_tokens > 1000) is (cut > 0), "what began is paid for"
        assert result.turns == 1


async def test_an_invalid_answer_is_repaired_once() -> None:
    wrong = Say([submit(hypotheses=[{"cause": "OOMKilled"}])])
    async with serving([wrong, Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    objection = api.requests[1]["messages"][-1]["content"][0]
    assert objection["is_error"]
    assert "hypotheses.0.subject" in objection["content"]


async def test_an_answer_that_is_invalid_twice_leaves_the_diagnosis_to_the_rules() -> None:
    wrong = Say([call("submit_diagnosis", {"summary": "It broke."})])
    async with serving([wrong, wrong, Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is None
    assert result.stopped.startswith("no valid answer")
    assert len(api.requests) == 2


async def test_what_could_be_read_of_an_answer_stands_where_it_is_not_mended() -> None:
    partly = Say([submit(hypotheses=[*ANSWER["hypotheses"], {"cause": "BadRelease"}])])
    for then in (Say(status=401, error="authentication_error"), Say([text("no")]), partly):
        async with serving([partly, then]) as api:
            result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
        assert result.proposal is not None
        assert (result.stopped, len(api.requests)) == ("", 2)
        assert result.proposal.hypotheses[0].cause == "OOMKilled"


async def test_an_endless_tool_loop_ends_with_the_best_diagnosis_so_far() -> None:
    def script(number: int, request: dict[str, Any]) -> Say:
        return Say([call("pod_logs", {"name": f"pod-{number}"}, f"t{number}")])

    async with serving(script) as api:
        connector = OneConnector(pod_logs=found)
        result = await persona(api.url, max_turns=4).diagnose(case(), toolbox(connector), Watcher())
    assert len(api.requests) == 4
    assert "last turn" in str(api.requests[2]["messages"][-1])
    assert "no further checks" in str(api.requests[3]["messages"][-1]["content"][0])
    assert [name for name, _ in connector.asked] == ["pod_logs"] * 2
    assert result.stopped == "budget: 4 turns, and no answer in the last turn (4)"
    assert result.proposal is not None
    assert result.proposal.verdict == "inconclusive"
    assert result.proposal.hypotheses[0].id == "H1"


@pytest.mark.parametrize("limits", [{"max_input_tokens": 20_000}, {"max_usd": 0.25}])
async def test_tokens_and_money_end_it_with_an_answer(limits: dict[str, Any]) -> None:
    """The model would go on for ever, but answers when it is told that this is the last turn."""

    def script(number: int, request: dict[str, Any]) -> Say:
        if "last turn" in str(request["messages"][-1]):
            return Say([submit()], input_tokens=5_000)
        return Say([call("pod_logs", {"name": f"pod-{number}"}, f"t{number}")], input_tokens=5_000, output_tokens=500)

    async with serving(script) as api:
        result = await persona(api.url, **limits).diagnose(case(), toolbox(), Watcher())
    assert result.stopped == ""
    assert result.proposal is not None
    assert 1 < len(api.requests) < 8
    spent = {"max_input_tokens": result.usage.input_tokens, "max_usd": result.usage.cost_usd}
    assert all(spent[name] <= limit for name, limit in limits.items())
    assert all(request["max_tokens"] <= 8_000 for request in api.requests)


async def test_a_person_stops_it() -> None:
    async def stopped() -> bool:
        return len(api.requests) > 0

    async with serving([Say([submit()], delay=30)]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher(stopped=stopped))
    assert result.stopped == "stopped by a person"
    assert result.proposal is None


async def test_a_question_is_answered_and_a_statement_is_evidence() -> None:
    reply = submit(answer="Yes, since the rollback.", verdict="probable")
    async with serving([Say([reply])]) as api:
        heard = Heard()
        said = turn("We rolled back at 10:42. Is it better now?")
        result = await persona(api.url).answer(case(turns=(said,)), said, toolbox(), heard.watcher)
    assert result.proposal is not None
    assert result.proposal.answer == "Yes, since the rollback."
    assert "".join(heard.text) == "Yes, since the rollback."
    (stated,) = result.evidence
    assert (stated.id, stated.source) == ("E2", "people")
    assert stated.summary == "We rolled back at 10:42."
    assert "E2 [people/statement]" in api.requests[0]["messages"][0]["content"][0]["text"]


async def test_a_secret_that_a_person_pastes_does_not_leave() -> None:
    token = "tok" + "en-123"
    said = turn(f"The password is {token}. Why does it fail?")
    tools = toolbox(redact_text=lambda words: words.replace(token, "[secret]"))
    async with serving([Say([submit(answer="So.")])]) as api:
        result = await persona(api.url).answer(case(turns=(said,)), said, tools, Watcher())
    assert token not in str(api.requests)
    assert "[secret]" in str(api.requests)
    assert token not in str(result)


async def test_what_cannot_be_redacted_is_not_sent() -> None:
    def refuses(words: str) -> str:
        raise RedactionFailed("no key")

    async with serving([Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(redact_text=refuses), Watcher())
    assert api.requests == []
    assert (result.proposal, result.stopped) == (None, "withheld: no key")


async def test_a_crowded_incident_fits_into_the_first_request() -> None:
    from tests.persona.brief.test_document import big

    async with serving([Say([submit()])]) as api:
        await persona(api.url).diagnose(case(big(400)), toolbox(known=big(400)), Watcher())
    assert estimate(json.dumps(api.requests[0], ensure_ascii=False)) <= 12_000


async def test_time_ends_it_even_where_the_model_says_nothing() -> None:
    async with serving([Say([submit()], delay=30)]) as api:
        result = await persona(api.url, max_seconds=0.2).diagnose(case(), toolbox(), Watcher())
    assert result.stopped.startswith("budget")
    assert result.proposal is not None
    assert result.proposal.verdict == "inconclusive"


async def test_what_ends_amid_a_stream_is_paid_for() -> None:
    heard = Heard()

    async def stopped() -> bool:
        return bool(heard.text)

    async with serving([Say(ANSWERED.content, events=4, ending="trickle")]) as api:
        watcher = replace(heard.watcher, stopped=stopped)
        result = await persona(api.url).diagnose(case(), toolbox(), watcher)
    assert (result.stopped, result.turns, result.proposal) == ("stopped by a person", 0, None)
    assert result.usage.input_tokens > 1000
    assert result.usage.cost_usd > 0


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    async with serving([Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher(deadline=NOW - timedelta(days=900)))
    assert api.requests == []
    assert "deadline" in result.stopped


async def test_a_stop_ends_running_tools() -> None:
    cancelled = asyncio.Event()

    async def hangs(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    async def stopped() -> bool:
        return bool(connector.asked)

    connector = OneConnector(pod_logs=hangs)
    async with serving([LOGS]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(connector), Watcher(stopped=stopped))
    assert result.stopped == "stopped by a person"
    assert cancelled.is_set()


async def test_hypotheses_go_on_with_their_ids_in_a_follow_up() -> None:
    change = {"id": "H1", "status": "weakened", "reason": "E2 says it was rolled back.", "confidence": 0.3}
    weaker = {**ANSWER["hypotheses"][0], **change}
    said = turn("We rolled back at 10:42.")
    async with serving([Say([submit(hypotheses=[weaker], answer="Then it was not the memory.")])]) as api:
        result = await persona(api.url).answer(case(turns=(said,)), said, toolbox(), Watcher())
    assert "H1 [open, 0.80, by rules] OOMKilled" in api.requests[0]["messages"][0]["content"][0]["text"]
    assert "U123" in api.requests[0]["messages"][0]["content"][1]["text"]
    assert result.proposal is not None
    (one,) = result.proposal.hypotheses
    assert (one.id, one.status, one.reason) == ("H1", "weakened", "E2 says it was rolled back.")


async def test_twice_only_words_are_an_answer_to_a_question() -> None:
    words = Say([text("It is better now.")])
    async with serving([words, words, words, words]) as api:
        answered = await persona(api.url).answer(case(), turn("better?"), toolbox(), Watcher())
        diagnosed = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert answered.proposal is not None
    assert answered.proposal.answer == "It is better now."
    assert answered.proposal.verdict == case().diagnosis.verdict
    assert diagnosed.proposal is None


HM: dict[str, Any] = {"type": "thinking", "thinking": "hm"}


async def test_thoughts_are_sent_back_as_they_came() -> None:
    async with serving([Say([HM, call("pod_logs", {"name": "cart"})]), Say([submit()])]) as api:
        await persona(api.url).diagnose(case(), toolbox(), Watcher())
    thought = api.requests[1]["messages"][1]["content"][0]
    assert (thought["type"], thought["thinking"]) == ("thinking", "hm")
    assert thought["signature"]


async def test_the_conversation_only_grows() -> None:
    """Through checks, the last turn, and a repair: the stand-in refuses thoughts where anything before them differs."""
    checks = [Say([HM, call("pod_logs", {"name": f"p{n}"}, f"t{n}")]) for n in range(2)]
    last = Say([HM, submit(verdict="perhaps"), HM, call("pod_logs", {"name": "p9"}, "t9")])
    async with serving([*checks, last, Say([submit()])]) as api:
        result = await persona(api.url, max_turns=4, fallback="").diagnose(case(), toolbox(), Watcher())
    assert (result.stopped, result.turns, len(api.requests)) == ("", 4, 4)
    for earlier, later in pairwise(api.requests):
        assert later["messages"][: len(earlier["messages"])] == unmarked(earlier["messages"])
    results = api.requests[3]["messages"][-1]["content"]
    assert [(one["tool_use_id"], one["is_error"]) for one in results] == [
        ("toolu_submit_diagnosis", True),
        ("t9", True),
    ]
    assert results[1]["content"] == "Not run."


def unmarked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**m, "content": [{k: v for k, v in b.items() if k != "cache_control"} for b in m["content"]]} for m in messages
    ]


async def test_thoughts_that_are_refused_are_left_out() -> None:
    """What stood before them has changed, as after an upgrade: the conversation goes on without them."""
    async with serving([Say([HM, call("pod_logs", {"name": "cart"})]), *[Say([submit()])] * 2]) as api:
        api.sign = lambda request: "of another conversation"
        result = await persona(api.url, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.stopped == ""
    assert [request["messages"][1]["content"][0]["type"] for request in api.requests[1:]] == ["thinking", "tool_use"]


async def test_a_check_in_the_last_turn_is_not_run_but_answered() -> None:
    asks = [Say([call("pod_logs", {"name": f"p{n}"}, f"t{n}")]) for n in range(3)]
    connector = OneConnector(pod_logs=found)
    async with serving([*asks, Say([submit()])]) as api:
        result = await persona(api.url, max_turns=4).diagnose(case(), toolbox(connector), Watcher())
    assert result.proposal is not None
    assert (result.stopped, len(api.requests), len(connector.asked)) == ("", 4, 2)


async def test_an_endpoint_that_does_not_count_is_charged_by_the_estimate() -> None:
    async with serving([Say([submit()], input_tokens=0, output_tokens=0)]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(), Watcher())
    assert result.usage.input_tokens > 3_000


async def test_nobody_there_is_said_and_raises_nothing() -> None:
    async with serving([]) as api:
        url = api.url
    result = await persona(url, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is None
    assert result.stopped.startswith("unavailable")


THOUGHT = {"type": "thinking", "thinking": "The limit is low."}


@pytest.mark.parametrize("said", [[text("I look.")], [], [text("I look."), THOUGHT], [THOUGHT]])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_turn_that_pauses_goes_on(said: list[dict[str, Any]], stream: bool) -> None:
    async with serving([Say(said, stop_reason="pause_turn"), Say([submit()])]) as api:
        result = await persona(api.url, stream=stream, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None, result.stopped
    assert api.requests[1]["messages"][-1]["role"] == "assistant"


async def test_a_turn_that_pauses_with_calls_gets_their_results() -> None:
    asks = Say([text("I look."), call("pod_logs", {"name": "cart"})], stop_reason="pause_turn")
    async with serving([asks, Say([submit()])]) as api:
        result = await persona(api.url, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None, result.stopped
    assert [item.key for item in result.evidence] == ["logs:cart"]


async def test_a_turn_that_pauses_for_ever_is_ended() -> None:
    async with serving(lambda number, request: Say([text("Wait.")], stop_reason="pause_turn")) as api:
        result = await persona(api.url, max_turns=3, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.stopped.startswith("budget")
    assert len(api.requests) == 3


@pytest.mark.parametrize("reason", ["model_context_window_exceeded", "max_tokens", "stop_sequence", "something_new"])
async def test_whatever_stops_it_short_of_an_answer_is_asked_for_once_more(reason: str) -> None:
    async with serving([Say([text("So far")], stop_reason=reason), Say([submit()])]) as api:
        result = await persona(api.url, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None, result.stopped
    assert len(api.requests) == 2


async def test_a_refusal_with_calls_in_it_runs_none() -> None:
    connector = OneConnector(pod_logs=found)
    refused = Say([call("pod_logs", {"name": "cart"})], stop_reason="refusal")
    async with serving([refused]) as api:
        result = await persona(api.url, fallback="").diagnose(case(), toolbox(connector), Watcher())
    assert result.stopped.startswith("refusal")
    assert connector.asked == []


async def test_text_between_calls_and_unknown_blocks_are_sent_back_as_they_came() -> None:
    server = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
    said = [text("First the logs."), call("pod_logs", {"name": "cart"}), text("Then I conclude."), server]
    async with serving([Say(said), Say([submit()])]) as api:
        result = await persona(api.url, stream=False, fallback="").diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None, result.stopped
    assert api.requests[1]["messages"][1]["content"] == said


async def test_lines_that_the_brief_cut_are_read_when_asked_for() -> None:
    many = [evidence(n, onset=NOW - timedelta(minutes=n)) for n in range(1, 60)]
    asks = Say([call("read_evidence", {"ids": ["Timeline"]})])
    async with serving([asks, Say([submit()])]) as api:
        await persona(api.url).diagnose(case(many), toolbox(known=many), Watcher())
    brief, read = (str(request["messages"][at]["content"]) for request, at in zip(api.requests, (0, -1), strict=True))
    assert "more lines not shown: ask read_evidence" in brief
    assert "10:44:00Z E1 Pods 1" not in brief
    assert "10:44:00Z E1 Pods 1" in read
