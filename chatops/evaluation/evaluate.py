"""How is a folder of cases answered? One after the other, or in several processes; a case that fails is an outcome."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import entry_points
from pathlib import Path

from chatops.evaluation.case import load
from chatops.evaluation.running import run
from chatops.evaluation.scoring import Outcome, outcome
from chatops.settings import SettingsError
from chatops.settings import load as load_settings
from chatops.telemetry import set_up_logs


def answer(folder: Path, model: bool, without: Sequence[str] = ()) -> Outcome:
    """The outcome of one case, with the settings of the environment. What is wrong with the case is its error."""
    set_up_logs("error")
    try:
        case = load(folder)
        done = asyncio.run(run(case, load_settings(), model=model, without=without))
        return outcome(case.name, case.file.label, done)
    except SettingsError as error:
        return _failed(folder, error)


def evaluate(
    folders: Sequence[Path],
    *,
    model: bool,
    jobs: int = 1,
    without: Sequence[str] = (),
    done: Callable[[Outcome], None] = lambda one: None,
) -> list[Outcome]:
    """Answer every case, in the order given, `without` some sources; `done` hears of each as it ends.

    Processes and not tasks: replaying is reading and ranking, which one interpreter does one at a time.
    """
    if jobs <= 1:
        found = []
        for folder in folders:
            found.append(answer(folder, model, without))
            done(found[-1])
        return found
    with ProcessPoolExecutor(min(jobs, len(folders)), multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(answer, folder, model, without): folder for folder in folders}
        for future in as_completed(futures):
            done(future.result())
        return [future.result() for future in futures]


def check_sources(without: Sequence[str]) -> None:
    """Refuse to take away what is no source: figures with everything read would pass for figures without it."""
    groups = ("chatops.connectors", "chatops.connectors.optional")
    installed = {one.name for group in groups for one in entry_points(group=group)}
    known = sorted({"aws" if name == "cloudwatch" else name for name in installed})
    for row in without:
        if row.partition(":")[0].split(" ")[0] not in known:
            raise SettingsError(f"--without: {row!r} names no source; there are {', '.join(known)}")


def _failed(folder: Path, error: SettingsError) -> Outcome:
    """A case that could not be run counts as a wrong answer, where its label can be read."""
    try:
        label = load(folder).file.label
    except SettingsError:
        label = None
    expected = label.code if label else ""
    name = folder.resolve().name
    return Outcome(name=name, expected=expected, expected_object=label.object if label else "", error=str(error))
