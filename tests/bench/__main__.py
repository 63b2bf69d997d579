"""Run the benchmarks by name, or all of `BENCHES`: `python -m tests.bench [start facts …]`."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.bench import (
    acknowledge,
    diagnosis,
    facts,
    gates,
    latency,
    persona,
    runbooks,
    scale,
    scale_cluster,
    start,
    storm,
    webhook,
)

Figures = Mapping[str, object]
BENCHES: dict[str, Callable[[Path], Awaitable[Figures]]] = {
    "start": start.run,
    "facts": facts.run,
    "acknowledge": acknowledge.run,
    "diagnosis": diagnosis.run,
    "webhook": webhook.run,
    "storm": storm.run,
    "gates": gates.run,
    "latency": latency.run,
    "persona": persona.run,
    "scale": scale.run,
    "scale-cluster": scale_cluster.run,
    "runbooks": runbooks.run,
}


async def main(names: list[str]) -> None:
    """Run them one after the other, each in an empty directory."""
    print(json.dumps({"machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"}))
    for name in names or list(BENCHES):
        with tempfile.TemporaryDirectory(prefix="chatops-bench-") as folder:
            print(json.dumps({name: await BENCHES[name](Path(folder))}, indent=1), flush=True)


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in BENCHES]
    if unknown:
        sys.exit(f"there is no benchmark {unknown[0]}; there are: {', '.join(BENCHES)}")
    asyncio.run(main(sys.argv[1:]))
