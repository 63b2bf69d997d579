"""How long does it take to start, and how much memory does an idle worker hold?"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from chatops.embedded import embedded_valkey
from tests.app.processes import ROOT, rig
from tests.bench.figures import percentile, resident_mb


def _help_seconds() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from chatops.cli import main; main()", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


async def run(folder: Path) -> Mapping[str, object]:
    """`--help` in CPU seconds; `serve` until it listens; memory a few seconds after that."""
    help_seconds = [_help_seconds() for _ in range(5)]
    with embedded_valkey(folder / "valkey") as url:
        async with rig(folder, url) as one:
            one.gate.set()
            ready = []
            for _ in range(3):
                begun = time.monotonic()
                process, _ = await one.start("both")
                ready.append(time.monotonic() - begun)
                await one.end(process)
            worker, _ = await one.start("worker")
            await asyncio.sleep(8)
            memory = resident_mb(worker.pid)
            await one.end(worker)
    return {
        "help_cpu_seconds_p50": round(percentile(help_seconds, 0.5), 3),
        "serve_ready_seconds_p50": round(percentile(ready, 0.5), 2),
        "idle_worker_rss_mb": memory,
    }
