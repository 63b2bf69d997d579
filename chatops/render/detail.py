"""What do the messages under the root card say: progress, evidence, a check's result, an answer?

Each is a pure function to one `Message` (or several, where an answer is long); which slot it goes to is the
caller's: `progress`, `evidence`, `check:<step>`, `answer:<ts>`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis, Hypothesis, NextStep
from chatops.domain.incident import Incident
from chatops.domain.ports import Step
from chatops.render import blocks, charts, wording
from chatops.render.blocks import Block, Part
from chatops.render.card import View, cited, step_block
from chatops.render.coverage import product
from chatops.render.markdown import safe_markdown, split_markdown
from chatops.render.mrkdwn import code, inline, lines, link, person, plain, words
from connectors.evidence import Change, Coverage, Evidence, LogPatterns, ResourceState, State

SHOWN_EVIDENCE = 8


def progress(title: str, steps: Sequence[Step]) -> Message:
    """What is being done, as a plan whose tasks tick off; at most fifty are shown, the last ones."""
    shown = steps[-50:]
    cards = [_task(index, step) for index, step in enumerate(shown, len(steps) - len(shown) + 1)]
    done = sum(step.status != "in_progress" for step in steps)
    plan: Block = {"type": "plan", "title": plain(title, 150), "tasks": cards}
    return blocks.message(words(f"{title} ({done} of {len(steps)})"), [Part(9, "plan", [plan])])


def _task(number: int, task: Step) -> Block:
    card: Block = {
        "type": "task_card",
        "task_id": f"task-{number}",
        "title": plain(task.title, 120),
        "status": task.status,
    }
    return card | ({"details": blocks.rich_text(plain(task.detail, 150))} if task.detail else {})


def evidence_card(incident: Incident, diagnosis: Diagnosis, *, page: str = "") -> Message:
    """The evidence that decides, the best hypothesis's first: summary, figures, the exact query, a chart."""
    items = decisive(diagnosis)
    view = View(incident, diagnosis, page=page)
    parts = [Part(9, "head", [blocks.section("*Evidence*")])]
    for place, item in enumerate(items[:SHOWN_EVIDENCE]):
        parts.append(Part(8 - place, item.id, evidence_blocks(view, item, rich=place == 0)))
    rest = len(diagnosis.evidence) - min(len(items), SHOWN_EVIDENCE)
    if rest > 0:
        parts.append(Part(9, "rest", [blocks.context(f"{rest} more observations {link(page, 'on the page')}")]))
    said = "; ".join(f"{item.id} {item.title}" for item in items[:SHOWN_EVIDENCE])
    return blocks.message(words(f"Evidence: {said or 'none'}", 3000), parts)


def decisive(diagnosis: Diagnosis) -> list[Evidence]:
    """The cited evidence in the order of the hypotheses; all of it where nothing is cited."""
    cites = [eid for h in wording.live(diagnosis.hypotheses) for eid in (*h.supporting, *h.contradicting)]
    known = {item.id: item for item in diagnosis.evidence}
    return [known[eid] for eid in dict.fromkeys(cites) if eid in known] or list(diagnosis.evidence)


def evidence_blocks(view: View, item: Evidence, *, rich: bool = False) -> list[Block]:
    """One observation; a table is shown only where `rich`, because a message may hold one."""
    figure = _figure(item, rich=rich)
    head = f"*{cited(view, (item.id,))} {words(item.title, 150)}* · {words(product(item.source), 40)}"
    summary = words(item.summary, 240 if figure else 500)
    return [blocks.section(lines([head, summary, _body_text(item, rich=rich), _query(item)])), *figure]


def _query(item: Evidence) -> str:
    return inline(item.query, 180) if item.query else ""


def _figure(item: Evidence, *, rich: bool) -> list[Block]:
    drawn = charts.chart(item)
    if drawn:
        return [drawn]
    # of one object (`field`, `value`) the summary says the same
    if rich and isinstance(item.body, ResourceState) and item.body.rows and item.body.columns[:1] != ("field",):
        return [blocks.table(item.body.columns, item.body.rows)]
    return []


def _body_text(item: Evidence, *, rich: bool) -> str:
    """The body in characters, where it is not drawn."""
    body = item.body
    if isinstance(body, LogPatterns):
        return code(
            "\n".join(f"{p.before:>4} → {p.after:<4} {(p.example or p.template)[:300]}" for p in body.patterns[:4]),
            1200,
        )
    if isinstance(body, Change):
        known = body.what in item.summary
        return "" if known else f"{wording.clock(body.at)} {words(wording.difference(body), 300)}"
    if isinstance(body, ResourceState) and not rich and body.columns[:1] != ("field",):
        return code("\n".join("  ".join(row) for row in body.rows[:5]), 900)
    return ""


def joined(incident: Incident, address: str) -> Message:
    """In the thread of an outage: another incident is the same, why, and how to undo that."""
    told = f"🔗 *{link(address, incident.title)}* is the same outage: its alerts are told here from now on."
    split = blocks.button("Not the same: split", "split", incident.id)
    part = Part(9, "joined", [blocks.section(lines([told, words(incident.joined_for, 600)]), split)])
    return blocks.message(words(f"The same outage: {incident.title}"), [part])


def split(incident: Incident, address: str) -> Message:
    """What stands there once a person has split them."""
    return blocks.saying(f"{link(address, incident.title)} was split from this: it is another outage, told by itself.")


def check_result(
    incident: Incident,
    step: NextStep,
    evidence: Sequence[Evidence],
    coverage: Sequence[Coverage],
    *,
    by: str,
    page: str = "",
) -> Message:
    """What *Run check* brought: who (`by`, a user id) ran which command, and what was read, or why nothing was."""
    view = View(incident, page=page)
    failed = [row for row in coverage if row.state in (State.FAILED, State.NOT_CONFIGURED)]
    parts = [Part(9, "head", [blocks.section(lines([f"*Check* run for {person(by)}", code(step.command, 600)]))])]
    parts += [Part(8, item.id, evidence_blocks(view, item, rich=place == 0)) for place, item in enumerate(evidence[:6])]
    told = [f"❌ {words(row.check)}: {words(row.detail or row.state, 600)}" for row in failed[:4]]
    parts.append(Part(9, "failed", [blocks.section(lines(told))] if told else []))
    if not evidence and not failed:
        parts.append(Part(9, "nothing", [blocks.section("It ran and found nothing to report.")]))
    said = "; ".join(f"{item.id} {item.summary}" for item in evidence) or "nothing found"
    return blocks.message(words(f"{step.command}: {said}", 2000), parts)


def moves(before: Diagnosis, after: Diagnosis) -> Sequence[str]:
    """How the hypotheses moved between two diagnoses, a line each."""
    old = {h.id: h for h in before.hypotheses}
    told = [text for h in after.hypotheses if (text := _move(old.get(h.id), h))]
    gone = [
        f"❌ No longer held: {words(h.statement, 200)}"
        for h in before.hypotheses
        if h.id not in {x.id for x in after.hypotheses}
    ]
    return [*told, *gone][:12]


def _move(old: Hypothesis | None, new: Hypothesis) -> str:
    statement, why = words(new.statement, 200), f" ({words(new.reason, 160)})" if new.reason else ""
    if old is None:
        return f"➕ New: {statement} · {new.confidence:.0%}{why}"
    word = wording.STATUS_WORD[new.status].capitalize()
    if new.status != old.status and word:
        return f"{_MOVES[new.status]} {word}: {statement} · {new.confidence:.0%}{why}"
    if abs(new.confidence - old.confidence) >= 0.1:
        mark = "📈" if new.confidence > old.confidence else "📉"
        return f"{mark} {old.confidence:.0%} → {new.confidence:.0%}: {statement}{why}"
    return ""


_MOVES = {"strengthened": "📈", "weakened": "📉", "confirmed": "✅", "ruled out": "❌", "open": "•"}


def answer(
    incident: Incident,
    text: str,
    slot: str,
    *,
    moved: Sequence[str] = (),
    steps: Sequence[NextStep] = (),
    engine: str = "",
) -> tuple[Message, ...]:
    """An answer to a person in Markdown; long ones become several messages, the buttons under the last.

    Below it stand how the hypotheses `moved` with it, and the `steps` that it brought.
    """
    pieces = split_markdown(safe_markdown(text), 9_000)
    closing = [
        Part(8, "moves", [blocks.section(lines(["*What moved*", *moved]))] if moved else []),
        Part(7, "next commands", [step_block(incident.id, step) for step in steps[:4]]),
        Part(9, "feedback", _closing(incident, slot, engine)),
    ]
    told = [[Part(9, "answer", [blocks.markdown(piece)])] for piece in pieces]
    told[-1] += closing
    return tuple(blocks.message(piece, parts) for piece, parts in zip(pieces, told, strict=True))


def reply(
    incident: Incident, text: str, slot: str, before: Diagnosis, after: Diagnosis, engine: str
) -> tuple[Message, ...]:
    """An answer with what it changed: how hypotheses moved, and the commands that nobody has been shown yet."""
    known = {step.argv for step in before.next_steps}
    steps = [step for step in after.next_steps if step.argv not in known]
    return answer(incident, text, slot, moved=moves(before, after), steps=steps, engine=engine)


def _closing(incident: Incident, slot: str, engine: str) -> list[Block]:
    return [*([blocks.context(words(engine, 200))] if engine else []), blocks.feedback(incident.id, slot)]
