"""A killed worker's investigation is continued: nothing that is stored is asked for again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from chatops.domain.ports import IncidentStore, Watcher
from chatops.persona.journal import StoreJournal, StoreMemory, run_id
from connectors.contract import Inquiry
from connectors.evidence import Observation
from tests.persona.cases import OneConnector, case, evidence, found, persona, toolbox, turn
from tests.persona.messages_api import Say, call, serving, submit, text

TWO_CALLS = Say([text("I look."), call("quick", {"name": "cart"}, "t1"), call("slow", {"name": "redis"}, "t2")])


class FileStore:
    """Documents in a folder: what a store must keep over a process's end, and no more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        path = self._path(kind, key)
        path.with_suffix(".new").write_text(json.dumps(value))
        path.with_suffix(".new").rename(path)

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        path = self._path(kind, key)
        return cast("Mapping[str, Any]", json.loads(path.read_text())) if path.exists() else None

    def _path(self, kind: str, key: str) -> Path:
        return self._folder / f"{kind}-{key.replace(':', '_')}.json"


async def investigate(url: str, folder: Path, slow: Any, **change: Any) -> tuple[Any, OneConnector]:
    store = cast("IncidentStore", FileStore(folder))
    connector = OneConnector(quick=found, slow=slow)
    about = case(**change)
    tools = toolbox(connector, memory=StoreMemory(store, run_id(about)))
    worker = persona(url, journal=StoreJournal(store), max_turns=4)
    result = await worker.diagnose(about, tools, Watcher())
    await worker.aclose()
    return result, connector


def entries_of(folder: Path) -> list[dict[str, Any]]:
    (path,) = folder.glob("journal-*")
    return cast("list[dict[str, Any]]", json.loads(path.read_text())["entries"])


def leave(folder: Path, entries: list[dict[str, Any]]) -> None:
    """Leave the journal as a worker killed after these entries would."""
    (path,) = folder.glob("journal-*")
    path.write_text(json.dumps({"entries": entries}))


async def hangs(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
    print("hanging", flush=True)
    await asyncio.sleep(60)
    raise AssertionError


@pytest.mark.timeout(90)
async def test_after_a_kill_the_next_worker_goes_on(tmp_path: Path) -> None:
    async with serving([TWO_CALLS, Say([submit(), text("")])]) as api:
        command = [sys.executable, "-m", "tests.persona.test_journal", api.url, str(tmp_path)]
        worker = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"hanging\n"
        worker.kill()
        await worker.wait()
        assert len(api.requests) == 1

        result, connector = await investigate(api.url, tmp_path, found)

        assert len(api.requests) == 2
        assert connector.asked == [("slow", {"name": "redis"})]
        answered = api.requests[1]["messages"][-1]["content"]
        assert [block["tool_use_id"] for block in answered] == ["t1", "t2"]
        assert api.requests[1]["messages"][0]["content"][0] == api.requests[0]["messages"][0]["content"][0]
    assert result.proposal is not None
    assert result.turns == 2
    assert result.usage.input_tokens == 2000
    assert sorted((item.id, item.key) for item in result.evidence) == [("E2", "logs:cart"), ("E3", "logs:redis")]


async def test_an_answer_that_was_stored_is_not_asked_for_again(tmp_path: Path) -> None:
    """Killed between the model's last word and the end of the run."""
    async with serving([Say([submit()])]) as api:
        await investigate(api.url, tmp_path, found)
        entries = entries_of(tmp_path)
        assert [entry["kind"] for entry in entries] == ["start", "reply", "end"]
        leave(tmp_path, entries[:-1])
        result, _ = await investigate(api.url, tmp_path, found)
        assert len(api.requests) == 1
    assert result.proposal is not None
    assert result.turns == 1


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
async def test_killed_after_any_entry_it_comes_to_the_same_answer(tmp_path: Path, cut: int) -> None:
    wrong = Say([submit(verdict="perhaps")])
    async with serving([TWO_CALLS, wrong, Say([submit()])] * 2) as api:
        first, _ = await investigate(api.url, tmp_path, found)
        entries = entries_of(tmp_path)
        assert [entry["kind"] for entry in entries] == ["start", "reply", "results", "reply", "reply", "end"]
        leave(tmp_path, entries[:cut])
        stored = sum(entry["kind"] == "reply" for entry in entries[:cut])
        api.requests[:] = api.requests[:stored]  # the script goes on where the stored replies end
        second, _ = await investigate(api.url, tmp_path, found)
        assert len(api.requests) == 3
    assert second.proposal == first.proposal
    assert (second.turns, second.usage) == (first.turns, first.usage)
    assert {item.key for item in second.evidence} == {item.key for item in first.evidence}


async def test_a_finished_run_or_other_evidence_begins_anew(tmp_path: Path) -> None:
    async with serving([Say([submit()])] * 3) as api:
        await investigate(api.url, tmp_path, found)
        await investigate(api.url, tmp_path, found)
        assert len(api.requests) == 2
        entries = entries_of(tmp_path)
        leave(tmp_path, entries[:-1])
        await investigate(api.url, tmp_path, found, evidence=(evidence(1, key="another"),))
        assert len(api.requests) == 3


def test_questions_have_runs_of_their_own() -> None:
    assert run_id(case()) == "inc-1:diagnose"
    assert run_id(case(), turn("why?", id="t9").id) == "inc-1:t9"


if __name__ == "__main__":
    asyncio.run(investigate(sys.argv[1], Path(sys.argv[2]), hangs))
