"""One investigation: turn by turn until there is an answer, within the budgets.

States change here and nowhere else in the persona: the messages, what has been spent, the evidence that
tools added. Every change is in the journal before the next step is taken, so `_resume` can rebuild it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatops.domain.casefile import CaseFile, PersonaResult, Proposal
from chatops.domain.conversation import Turn
from chatops.domain.ports import ToolAnswer, Toolbox, Watcher
from chatops.persona import answer, prompt, steps
from chatops.persona.bestsofar import best_so_far
from chatops.persona.budget import Spend, counted
from chatops.persona.errors import PersonaError
from chatops.persona.journal import Journal, fingerprint, run_id, unfinished
from chatops.persona.model import messages
from chatops.persona.model.asking import Asker, Shown
from chatops.persona.model.models import ModelSettings
from chatops.persona.model.stream import CUT, Reply, ToolCall
from chatops.persona.opening import opening, readable, task
from chatops.persona.personafile import PersonaFile
from chatops.persona.tokens import clip, estimate
from chatops.persona.toolbox import further
from chatops.persona.toolbox.registry import Registry
from chatops.persona.watching import STOPPED, Ended, Watch
from chatops.policy.untrusted import Fence
from connectors.evidence import Coverage, Evidence

_LAST = "This is the last turn: no further checks. Call submit_diagnosis now with what you have."
_REPAIR = "That is no valid answer: {problem}. Call submit_diagnosis once more, with every field."
_NO_MORE = "Not run: no further checks. Call submit_diagnosis now; put what you would have checked into next_steps."
_SHORTER = "Your answer was cut at the length limit. Call submit_diagnosis now, in fewer words."


@dataclass(frozen=True)
class Setting:
    """With what an investigation is done."""

    limits: ModelSettings
    persona: PersonaFile
    asker: Asker
    tools: Toolbox
    watcher: Watcher
    journal: Journal | None
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    learn: Callable[[Sequence[Evidence]], None] | None = None
    """Told of what tools found, where names in it have to be hidden."""


class Investigation:
    """One run over one case file."""

    def __init__(self, setting: Setting, case: CaseFile, question: Turn | None) -> None:
        self._with = setting
        self._case = case
        self._question = question
        self._run = run_id(case, question.id if question else "")
        self._watch = Watch(setting.watcher, setting.limits.max_seconds, setting.monotonic, setting.now)
        self._messages: list[dict[str, Any]] = []
        self._spend = Spend()
        self._evidence: list[Evidence] = []
        self._coverage: list[Coverage] = []
        self._repaired = False
        self._rough: Proposal | None = None
        self._last = False
        self._ending = "budget: one repair"
        self._fence = setting.tools.fence if isinstance(setting.tools, Registry) else Fence.random()
        self._names = frozenset(spec.name for spec in setting.tools.tools)
        self._scale = 1.0
        """Reported input tokens for one estimated; 1 until the API has reported."""

    async def run(self) -> PersonaResult:
        """Return a proposal, or why there is none."""
        try:
            last = await self._resume()
            proposal = await self._converse(last)
        except (Ended, PersonaError) as ended:
            return await self._finish(*self._fallback(str(ended)))
        return await self._finish(proposal, "")

    def _fallback(self, reason: str) -> tuple[Proposal | None, str]:
        """What is left, and why it ended: an answer that was asked for once more stands as far as it could be read.

        A budget that runs out leaves the best diagnosis so far; a stop or a refusal leaves it to the rules.
        """
        if self._rough is not None and reason != STOPPED:
            return self._rough, ""
        return (best_so_far(self._case, reason) if reason.startswith("budget") else None), reason

    async def _converse(self, reply: Reply | None) -> Proposal:
        """Turn by turn; `reply` is an answer that an earlier worker got and did not act on."""
        while True:
            if reply is None:
                reply = await self._ask()
            proposal = await self._act(reply)
            if proposal is not None:
                return proposal
            reply = None

    async def _ask(self) -> Reply:
        limits, asker = self._with.limits, self._with.asker
        size = self._size()
        if reason := self._spend.exhausted(limits, self._watch.seconds(), size, asker.model):
            raise Ended(reason)
        if reason := self._spend.closing(limits, self._watch.seconds(), size, asker.model):
            self._close(reason)
        request = {**self._request(), "max_tokens": self._spend.output(limits, size, asker.model)}
        shown = Shown(self._with.watcher.text)
        try:
            reply = await self._watch.guarded(lambda: asker.ask(request, shown, self._watch.note))
        finally:
            self._spend = self._spend.unfinished(asker.unfinished(), size, asker.model)
        self._account(reply, size)
        told = {"last": self._last, "ending": self._ending, "model": asker.model}
        await self._write({"kind": "reply", **told, **messages.to_document(reply)})
        return reply

    def _close(self, reason: str) -> None:
        """Say that this turn is the last: in the conversation itself, which only ever grows.

        Thoughts are bound to every byte before them, and the cache ends at the first that differs. For the
        same reasons `tool_choice` is not used: newer models refuse it, and it empties the cache of the rest.
        """
        if not self._last:
            self._messages[-1] = messages.with_text(self._messages[-1], _LAST)
            self._last, self._ending = True, reason

    def _request(self) -> dict[str, Any]:
        return prompt.request(self._with.limits, self._with.persona, self._with.tools.tools, self._messages)

    def _account(self, reply: Reply, estimated: int) -> None:
        if reported := reply.usage.all_input:
            self._scale = reported / max(estimated / self._scale, 1)
        self._spend = self._spend.plus(counted(reply, estimated), self._with.asker.model)

    def _size(self) -> int:
        return int(estimate(json.dumps(self._request(), ensure_ascii=False, separators=(",", ":"))) * self._scale)

    async def _act(self, reply: Reply) -> Proposal | None:
        """The proposal, where the reply holds one; else what has to be said next is appended."""
        if reply.stop_reason == "refusal":
            await self._refused(reply)
            return None
        calls = [further.meant(call, self._names) for call in reply.calls]
        if reply.stop_reason == "pause_turn" and not calls:
            # sent back as it came, and it goes on; with calls of ours in it, it waits for their results like any turn
            self._messages.append(messages.turn("assistant", messages.sendable(reply)))
            return None
        submitted = [call for call in calls if call.name == messages.SUBMIT]
        if submitted or not calls:
            return self._read(reply, submitted)
        if self._last:
            self._object(reply, None, _NO_MORE)
            return None
        await self._check(reply, calls)
        return None

    async def _refused(self, reply: Reply) -> None:
        """What one model declines another may answer; nothing of the refusal stays in the conversation."""
        if not self._with.asker.another():
            raise Ended(f"refusal: the model declined to answer {reply.detail}".strip())
        await self._watch.note(f"refused: asking {self._with.asker.model} instead")

    def _read(self, reply: Reply, submitted: Sequence[ToolCall]) -> Proposal | None:
        """The answer of the first call that holds one, or of the text."""
        verdict = self._case.diagnosis.verdict if self._question else ""
        problem = ""
        for call in submitted:
            try:
                return answer.parse(call.input, strict=not self._repaired, verdict=verdict)
            except answer.Unreadable as error:
                self._rough = self._rough or answer.roughly(call.input, verdict)
                problem = problem or _REPAIR.format(problem=clip(str(error), 800))
        if not submitted:
            if (proposal := answer.from_text(reply.text, verdict)) is not None:
                return proposal
            cut = reply.stop_reason in CUT
            problem = _SHORTER if cut else _REPAIR.format(problem="submit_diagnosis was not called")
        if self._repaired:
            return self._spoken(reply)
        self._object(reply, submitted[0] if submitted else None, problem)
        return None

    def _object(self, reply: Reply, submitted: ToolCall | None, problem: str) -> None:
        """Ask for the answer once more, not twice."""
        if self._repaired:
            raise Ended(f"{self._ending}, and no answer in the last turn ({self._spend.turns})")
        self._repaired = self._last = True
        self._messages.append(messages.turn("assistant", messages.sendable(reply)))
        self._messages.append(messages.turn("user", messages.objection(reply, submitted, problem)))

    def _spoken(self, reply: Reply) -> Proposal:
        """Twice no valid answer. To a question, words are one; the diagnosis stays as it was."""
        if self._question is None or not reply.text.strip():
            raise Ended("no valid answer: twice not in the form that was asked for")
        known = self._case.diagnosis
        return Proposal(verdict=known.verdict, summary=known.summary, answer=reply.text.strip())

    async def _check(self, reply: Reply, calls: Sequence[ToolCall]) -> None:
        """Run all calls of a turn at once; a failed one is an answer like any other."""
        answers = await self._watch.guarded(lambda: asyncio.gather(*map(self._call, calls)))
        results = [messages.result(call, got) for call, got in zip(calls, answers, strict=True)]
        added = [item for got in answers for item in got.evidence]
        rows = [row for got in answers for row in got.coverage]
        await self._write(
            {
                "kind": "results",
                "content": results,
                "evidence": [item.model_dump(mode="json") for item in added],
                "coverage": [row.model_dump(mode="json") for row in rows],
            }
        )
        self._take_results(list(reply.content), results, added, rows)

    async def _call(self, call: ToolCall) -> ToolAnswer:
        specs = self._with.tools.tools
        if call.name in self._names - prompt.allowed_names(specs, self._with.persona):
            return ToolAnswer(f"{call.name} is not among this persona's tools.", is_error=True)
        step = steps.begun(call.id, call.name, call.input)
        await self._watch.step(step)
        got = await self._with.tools.call(call.name, call.input)
        await self._watch.step(steps.ended(step, got))
        return got

    def _take_results(
        self,
        said: list[Mapping[str, Any]],
        results: list[dict[str, Any]],
        evidence: Sequence[Evidence],
        rows: Sequence[Coverage],
    ) -> None:
        self._messages += [messages.turn("assistant", said), messages.turn("user", results)]
        if self._with.learn is not None:
            self._with.learn(evidence)
        known = {item.id for item in (*self._case.evidence, *self._evidence)}
        fresh = {item.id: item for item in evidence}  # by id: evidence that holds labels has no hash
        self._evidence += [item for item in fresh.values() if item.id not in known]
        self._coverage += rows

    async def _resume(self) -> Reply | None:
        """Begin, or take up what an earlier worker left: the reply it had not acted on, if there is one."""
        begun = opening(self._case, self._question, self._with.tools, self._with.persona, self._fence)
        self._question = begun.question
        self._evidence += begun.stated
        mark = fingerprint(self._case, begun.brief)
        stored = unfinished(await self._with.journal.load(self._run), mark) if self._with.journal else []
        if not stored:
            start = {"kind": "start", "mark": mark, "brief": begun.brief, "fence": self._fence.mark}
            await self._write(start)
            stored = [start]
        self._fence = Fence(str(stored[0]["fence"]))
        if isinstance(self._with.tools, Registry):
            self._with.tools.fence = self._fence
            self._with.tools.sections = readable(self._case, self._with.tools, self._fence)
        first = [messages.block(str(stored[0]["brief"])), messages.block(task(self._question, self._fence))]
        self._messages = [messages.turn("user", first)]
        return await self._replay(stored[1:])

    async def _replay(self, entries: Sequence[Mapping[str, Any]]) -> Reply | None:
        pending: Reply | None = None
        for entry in entries:
            if entry["kind"] == "reply":
                if pending is not None:
                    await self._act(pending)  # it only asked for another form, or paused: no side effects
                pending = messages.from_document(entry)
                if entry["last"]:
                    self._close(str(entry.get("ending", self._ending)))
                self._spend = self._spend.plus(pending.usage, str(entry["model"]))
            elif pending is not None:
                evidence = [Evidence.model_validate(item) for item in entry["evidence"]]
                rows = [Coverage.model_validate(row) for row in entry["coverage"]]
                if isinstance(self._with.tools, Registry):
                    self._with.tools.restore(evidence)
                self._take_results(list(pending.content), list(entry["content"]), evidence, rows)
                pending = None
        return pending

    async def _finish(self, proposal: Proposal | None, stopped: str) -> PersonaResult:
        await self._write({"kind": "end", "stopped": stopped})
        return PersonaResult(
            proposal=proposal,
            evidence=tuple(self._evidence),
            coverage=tuple(self._coverage),
            model=self._with.asker.model,
            turns=self._spend.turns,
            usage=self._spend.usage,
            stopped=stopped,
        )

    async def _write(self, entry: Mapping[str, Any]) -> None:
        if self._with.journal is not None:
            await self._with.journal.append(self._run, entry)
