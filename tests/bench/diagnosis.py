"""How often is the right cause of the right object first, over faults of many kinds that anybody can run?

The faults of `tests.bench.faults` are served over HTTP by the demo's stand-ins, and asked about in words that
do not name what is broken. No model, no keys, no cluster.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path

from chatops.demo.kubernetes import api as kube_api
from chatops.demo.kubernetes.cluster import NAMESPACE
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage, World
from chatops.evaluation.case import Case, CaseFile, Label
from chatops.evaluation.figures import figures
from chatops.evaluation.running import Run
from chatops.evaluation.running import run as answer
from chatops.evaluation.scoring import Outcome, outcome
from chatops.settings import load
from connectors.contract import Scope
from tests.bench.faults import FAULTS, Fault

BOTH = ("kubernetes", "prometheus")
SEEN: Mapping[str, tuple[Collection[str], tuple[str, ...]]] = {
    "all sources": (BOTH, ()),
    "Kubernetes alone": (("kubernetes",), ()),
    "Kubernetes without logs": (("kubernetes",), ("kubernetes:/log",)),
    "Kubernetes without events": (("kubernetes",), ("kubernetes:/events",)),
}
"""What is connected, and what of it is taken away, as `chatops eval --without` does."""
PATIENCE = 60.0
"""Seconds to gather in: the stand-ins run in the process of who asks, and the one for Prometheus holds it up."""
EVERY = "CHATOPS_BENCH_EVERY"
"""One of how many faults is asked about. Each answer with metrics costs the stand-in Prometheus some seconds."""


@contextlib.asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[Mapping[str, str]]:
    """The stand-ins for Kubernetes and Prometheus, by name."""
    async with contextlib.AsyncExitStack() as stack:
        found = {}
        for name, module in (("kubernetes", kube_api), ("prometheus", prometheus_api)):
            listener = stack.enter_context(contextlib.closing(listen("127.0.0.1", 0)))
            found[name] = await stack.enter_async_context(serving(module.application(stage, time.time), listener))
        yield found


async def asked(
    fault: Fault, folder: Path, without: tuple[str, ...] = (), connected: Collection[str] = BOTH
) -> Outcome:
    """The answer to one fault, scored; `connected` sources are configured."""
    found = await answered(fault, folder, without, connected)
    return outcome(fault.name, Label(cause=fault.cause, object=fault.object), found)


async def answered(
    fault: Fault, folder: Path, without: tuple[str, ...] = (), connected: Collection[str] = BOTH, base_url: str = ""
) -> Run:
    """The answer to one fault: by rules, or by the model at a Messages API."""
    stage: Stage = Stage(World(time.time(), {}))
    stage.world = fault.build(time.time())
    async with served(stage) as addresses:
        config = folder / f"{fault.name}.json"
        config.write_text(json.dumps(kube_api.kubeconfig(addresses["kubernetes"], NAMESPACE)), "utf-8")
        sources = {
            "kubernetes": {"kubeconfig": str(config)},
            "prometheus": {"url": addresses["prometheus"], "timeout": 30},
        }
        sources = {name: sources[name] for name in connected}
        file = CaseFile(question=fault.question, scope=Scope(namespace=NAMESPACE), sources=sources)
        settings = load()
        changed = {"model": settings.model.model_copy(update={"base_url": base_url}), "gather_seconds": PATIENCE}
        asking = settings.model_copy(update=changed)
        return await answer(Case(folder, file), asking, model=bool(base_url), without=without)


async def run(folder: Path) -> Mapping[str, object]:
    """Accuracy with all sources and with some taken away, over every third fault; what is missed is named."""
    sample = FAULTS[:: int(os.environ.get(EVERY, "3"))]
    faulty = sum(one.cause != "healthy" for one in sample)
    told: dict[str, object] = {"of": len(FAULTS), "faults": faulty, "healthy": len(sample) - faulty}
    for name, (connected, without) in SEEN.items():
        outcomes = []
        for fault in sample:
            print(f"{name}: {fault.name}", file=sys.stderr, flush=True)
            outcomes.append(await asked(fault, folder, without, connected))
        found = figures(outcomes)
        told[name] = {
            "accuracy@1": round(found.accuracy.at_1, 3),
            "accuracy@3": round(found.accuracy.at_3, 3),
            "claims of 0.5 or more that are wrong": list(found.false_claims),
            "false causes where nothing is wrong": list(found.healthy.false_causes),
            "expected calibration error, first": round(found.calibration.expected_error_first or 0.0, 3),
            "calls, mean / most": [round(found.cost.calls_mean, 1), found.cost.calls_most],
            "seconds, median / most": [round(found.cost.seconds_median, 2), round(found.cost.seconds_most, 2)],
            "missed": [f"{one.name}: {_first(one)}" for one in outcomes if not one.right_within(1)],
        }
    return told


def _first(one: Outcome) -> str:
    guess = one.guesses[0] if one.guesses else None
    return f"{guess.cause} {guess.object} {guess.confidence:.2f}" if guess else "nothing"
