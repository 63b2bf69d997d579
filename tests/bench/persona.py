"""What is a model sent, and how much of it? Tokens over the public faults, measured at the wire.

A scripted Messages API stands in for the model. It does what an engineer who does not yet believe the brief would
do: in its first turn it reads the events, a description and a log, in its second it answers with the rules' first
finding. Tokens are those of `chatops.persona.tokens` (an upper bound, see docs/benchmarks.md) over the bytes sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from chatops.persona.brief import document
from chatops.persona.tokens import estimate
from chatops.persona.toolbox.further import PREFIX
from tests.bench.diagnosis import answered
from tests.bench.faults import FAULTS
from tests.persona.messages_api import Say, call, serving, submit

_NAMESPACE = re.compile(r"namespace=([\w-]+)")
_FINDING = re.compile(r"^(\w+) (0\.\d+) · (\w+) (?:([\w-]+)/)?([\w.-]+) · .*?\(rests on ((?:E\d+ ?)+)", re.MULTILINE)
_WITH_LOGS = frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job"})
_EVERY = 3
"""One fault in three: each makes the demo's Prometheus compute all its samples anew."""
Request = Mapping[str, Any]


async def run(folder: Path) -> Mapping[str, object]:
    """Tokens of the prefix, of the first request and of all of an investigation; turns; and what of it was cached."""
    conversations = []
    for fault in FAULTS[::_EVERY]:
        async with serving(doubting) as api:
            await answered(fault, folder, base_url=api.url)
        conversations.append(api.requests)
    return told(conversations)


def doubting(number: int, request: Request) -> Say:
    """The scripted model: checks once, then answers."""
    text = "\n".join(block["text"] for block in request["messages"][0]["content"])
    finding = _FINDING.search(text)
    calls = [] if number else _checks(text, finding, {tool["name"] for tool in request["tools"]})
    content = calls or [submit(**_answer(finding))]
    return Say(content, input_tokens=sum(sizes(request)), output_tokens=estimate(json.dumps(content)))


def _checks(text: str, finding: re.Match[str] | None, tools: set[str]) -> list[dict[str, Any]]:
    asked = _NAMESPACE.search(text)
    wanted = [("kubernetes_events", {"namespace": asked[1]})] if asked else []
    if finding:
        about = {"kind": finding[3].lower(), "name": finding[5], **({"namespace": finding[4]} if finding[4] else {})}
        wanted.append(("kubernetes_describe", about))
        wanted += [("kubernetes_logs", about)] if finding[3] in _WITH_LOGS else []
    return [call(name, arguments) for name, arguments in wanted if name in tools]


def _answer(finding: re.Match[str] | None) -> dict[str, Any]:
    if finding is None:
        return {"hypotheses": [], "verdict": "inconclusive", "summary": "Nothing decides."}
    hypothesis = {
        "cause": finding[1],
        "subject": {"kind": finding[3], "namespace": finding[4] or "", "name": finding[5]},
        "statement": f"{finding[5]} is at fault",
        "confidence": float(finding[2]),
        "supporting": finding[6].split(),
    }
    return {"hypotheses": [hypothesis], "summary": f"{finding[5]} is at fault."}


def sizes(request: Request) -> tuple[int, int]:
    """Tokens of the prefix that all incidents share, and of the conversation."""
    system = "".join(block["text"] for block in request["system"])
    texts = [_text(block) for message in request["messages"] for block in message["content"]]
    return estimate(system + _compact(request["tools"])), sum(map(estimate, texts))


def _text(block: Mapping[str, Any]) -> str:
    return str(block.get("text") or block.get("content") or _compact(block.get("input", {})))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def told(conversations: Sequence[Sequence[Request]]) -> Mapping[str, object]:
    """The figures of several investigations, each a list of requests."""
    prefixes = {_compact([request["system"], request["tools"]]) for asked in conversations for request in asked}
    first = sorted(sum(sizes(asked[0])) for asked in conversations)
    whole = sorted(sum(sum(sizes(request)) for request in asked) for asked in conversations)
    turns = [len(asked) for asked in conversations]
    briefs = [asked[0]["messages"][0]["content"][0]["text"] for asked in conversations]
    return {
        "incidents": len(conversations),
        "prefix": max(sizes(asked[0])[0] for asked in conversations),
        "prefix, at most": PREFIX,
        "different prefixes": len(prefixes),
        "first request, median / most": [median(first), first[-1]],
        "first request, at most": document.FIRST,
        "all requests, median / most": [median(whole), whole[-1]],
        "turns, median / most": [median(turns), max(turns)],
        "briefs that leave something out": sum("## Left out of this brief" in text for text in briefs),
    }
