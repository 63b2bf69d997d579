"""How do seconds and memory of an investigation grow with the cluster? `chatops investigate` as a process, cold.

The server takes 20 ms a call and runs beside it on the same machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.app.processes import ROOT
from tests.bench.big_cluster import BROKEN, NAMESPACE

SIZES = (500, 1_000, 2_000, 5_000)
EVENTS_PER_POD = 10
WARNINGS = 0.5
LATENCY_MS = 20
_MEASURED = """
import resource, sys
from chatops.cli.main import main
try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, file=sys.stderr)
"""


@contextlib.contextmanager
def serving(pods: int, events: int, warnings: float, latency_ms: float) -> Iterator[str]:
    """The synthetic cluster in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.big_cluster", *map(str, (pods, events, warnings, latency_ms))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def investigate(folder: Path, url: str, *arguments: str) -> dict[str, object]:
    """One cold investigation: seconds of everything and of gathering, CPU, peak memory, and what it found."""
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {}}],
    }  # fmt: skip
    (folder / "kubeconfig").write_text(json.dumps(config))
    unset = ("AWS_", "CHATOPS_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(unset)}
    environment |= {"KUBECONFIG": str(folder / "kubeconfig"), "CHATOPS_HOME": str(folder), "HOME": str(folder)}
    command = [sys.executable, "-c", _MEASURED, "investigate", *arguments, "--no-model", "--format", "json"]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    seconds = time.monotonic() - begun
    answer = json.loads(done.stdout)
    memory, cpu = map(float, done.stderr.split()[-2:])
    top = (answer["hypotheses"] or [{"cause": "nothing", "subject": {"name": ""}}])[0]
    return {
        "seconds": round(seconds, 2),
        "gather_seconds": answer["engine"]["seconds"]["gather"],
        "cpu_seconds": round(cpu, 2),
        "peak_mb": round(memory),
        "found": f"{top['cause']} {top['subject']['name']}",
    }


async def run(folder: Path) -> Mapping[str, object]:
    """The curve for a question about the namespace that holds everything, and for one about the whole cluster."""
    curve: dict[str, object] = {"server_ms_per_call": LATENCY_MS, "warnings": WARNINGS, "broken": BROKEN}
    for pods in SIZES:
        events = pods * EVENTS_PER_POD
        with serving(pods, events, WARNINGS, LATENCY_MS) as url:
            curve[f"{pods} pods, {events} events"] = {
                "namespace": investigate(folder, url, "What is wrong?", "--namespace", NAMESPACE),
                "cluster": investigate(folder, url, "What is wrong?"),
            }
            print(json.dumps({str(pods): curve[f"{pods} pods, {events} events"]}), file=sys.stderr, flush=True)
    return curve
