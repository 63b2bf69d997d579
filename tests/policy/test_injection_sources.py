"""The same orders in what optional sources tell: commit messages, causes of builds, monitors, pages, playbooks, names.

Every free text in the answers of seven stand-ins gets the payload of `test_injection` behind it, and the real
connectors read them over HTTP.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chatops.domain.alert import Alert
from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.domain.ports import Watcher
from chatops.persona.toolbox.tools import ConnectorTools
from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Investigator
from tests.connectors import optional as o
from tests.connectors.awx import test_connector as awx
from tests.connectors.datadog import test_connector as datadog
from tests.connectors.github import test_connector as github
from tests.connectors.gitlab import test_connector as gitlab
from tests.connectors.http_server import HttpStandIn, Request
from tests.connectors.jenkins import test_connector as jenkins
from tests.connectors.opsgenie import test_connector as opsgenie
from tests.connectors.pagerduty import test_connector as pagerduty
from tests.persona.cases import persona
from tests.persona.messages_api import serving as model_serving
from tests.policy.test_injection import (
    FENCE,
    PAYLOAD,
    TOKENS,
    Run,
    assert_acts_on_nobody,
    obedient,
    ranking,
    read_by_model,
    runbooks,
)

Answer = Callable[[Request], Any]
SOURCES: dict[str, tuple[Answer, dict[str, Any]]] = {
    "github": (github.answer, {"repositories": [github.REPOSITORY], "token": "t"}),
    "jenkins": (jenkins.answer, {"jobs": [jenkins.JOB], "username": "bot", "password": "t"}),
    "datadog": (datadog.answer, {"api_key": "k", "app_key": "k"}),
    "pagerduty": (pagerduty.answer, {"api_key": "k"}),
    "opsgenie": (opsgenie.answer, {"api_key": "k"}),
    "awx": (awx.answer, {"token": "t"}),
    "gitlab": (gitlab.answer, {"projects": gitlab.PROJECT, "token": "t"}),
}


NAMES = frozenset({"mona", "Mona", "lab", "deployer", "main", "production", "patch.yml"})
"""People, branches, environments, files: others choose them, though they are one word."""


def poisoned(node: Any, payload: str) -> Any:
    """The same JSON with the payload behind every text of several words, and every name that others choose."""
    if isinstance(node, dict):
        return {key: poisoned(value, payload) for key, value in node.items()}
    if isinstance(node, list):
        return [poisoned(value, payload) for value in node]
    free = isinstance(node, str) and (" " in node or node in NAMES) and "://" not in node
    return f"{node} {payload}" if free and payload else node


def told(answer: Answer, payload: str, request: Request) -> Any:
    """What a stand-in answers, with the payload."""
    return poisoned(answer(request), payload)


async def investigated(payload: str, folder: Path) -> Run:
    run, redactor = Run(), Redactor(key=b"k" * 32)
    end = o.CART.window.end
    alert = Alert(
        fingerprint="alertmanager:1", source="alertmanager", name="CartErrors", summary="cart fails",
        labels={"namespace": "shop", "deployment": "cart", "service": "cart"}, starts_at=o.ONSET,
    )  # fmt: skip
    about = Incident(
        id="inc-2", title="CartErrors", origin="alert", alerts=(alert,), created_at=end, scope=o.CART.scope,
        window=o.CART.window,
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        run.sent = await stack.enter_async_context(model_serving(obedient))
        connectors = {}
        for name, (answer, options) in SOURCES.items():
            server = HttpStandIn(partial(told, answer, payload))
            stack.callback(server.close)
            opened = o.opened(name, {**options, "url": server.url, "timeout": 2.0})
            connectors[name] = await stack.enter_async_context(opened)
        thinker = persona(run.sent.url)
        stack.push_async_callback(thinker.aclose)
        investigator = Investigator(
            {"default": Gatherer(connectors, lambda name: redactor)},
            runbooks(folder, payload),
            lambda name: thinker,
            lambda incident, known, name: ConnectorTools(
                list(connectors.values()), incident.inquiry, redact=redactor.evidence, redact_text=redactor.text,
                known=known, fence=FENCE,
            ),
        )  # fmt: skip
        run.facts, _ = await investigator.facts(about)
        run.diagnosed = await investigator.reason(run.facts, (), Watcher(), ())
        question = Turn(id="t2", author="U1", role="person", text="What changed?", at=end)
        answered = await investigator.answer(run.diagnosed, (), question, Watcher())
        assert answered is not None
        run.answered = answered
    return run


def causes(run: Run) -> list[tuple[str, str, str]]:
    """What the rules found, which is what is ranked."""
    return [(found.cause, str(found.subject).removesuffix(f" {PAYLOAD}"), found.rule) for found in run.facts.findings]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(investigated(PAYLOAD, tmp_path_factory.mktemp("attacked") / "runbooks"))


def test_every_source_was_read_and_holds_the_payload(attacked: Run) -> None:
    for name in SOURCES:
        told = " ".join(e.model_dump_json() for e in attacked.facts.diagnosis.evidence if e.source == name)
        assert "previous instructions" in told or "evil" in told, name


async def test_the_ranking_by_rules_is_the_same(attacked: Run, tmp_path: Path) -> None:
    quiet = await investigated("", tmp_path / "runbooks")
    assert ranking(attacked.facts) == ranking(quiet.facts)
    assert attacked.facts.diagnosis.verdict == quiet.facts.diagnosis.verdict
    assert causes(attacked) == causes(quiet) != []


def test_the_model_reads_it_only_between_the_borders(attacked: Run) -> None:
    begin, end = FENCE.borders
    texts = [text for text in read_by_model(attacked.sent) if text]
    assert any("evil" in text for text in texts)
    for text in texts:
        outside = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", " ", text, flags=re.DOTALL)
        for token in (*TOKENS, "previous instructions", "delete ns"):
            assert token not in outside, outside[max(0, outside.find(token) - 200) :][:400]
        assert "\u202e" not in text


def test_no_command_no_mention_and_no_link_holds_anything_of_it(attacked: Run) -> None:
    for case in (attacked.facts, attacked.diagnosed, attacked.answered):
        argvs = [one.argv for one in case.diagnosis.next_steps] + [one.argv for one in case.diagnosis.mitigations]
        for argv in argvs:
            assert not any(token in " ".join(argv) for token in (*TOKENS, "delete ns")), argv
    assert_acts_on_nobody(attacked, code=False)
