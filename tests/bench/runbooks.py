"""How long does the runbook index take to build at 2,000 pages, and how long a search in it?

The pages are the packaged ones, copied with words of their own strewn in, so that the index has as many distinct words
as a real library. The questions are the symptoms that the pages list, with words that no page has.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from pathlib import Path

from chatops.runbook_index import Folder, Library, packaged
from tests.bench.figures import percentile

PAGES = 2000


def _write(folder: Path) -> list[str]:
    """The pages; returns questions."""
    source, chance = packaged(), random.Random(7)
    files = list(source.files())
    for number in range(PAGES):
        lines = files[number % len(files)].read_text("utf-8").splitlines()
        end = lines.index("---", 1)
        strewn = [
            f"{line} word{chance.randrange(5000)} thing{chance.randrange(5000)}"
            if at > end and line[:1].isalpha() and chance.random() < 0.2
            else line
            for at, line in enumerate(lines)
        ]
        (folder / f"page-{number}.md").write_text("\n".join(strewn))
    listed = [symptom for file in files for symptom in source.page(file).listed("symptoms")]
    return [f"{symptom} on host-{number} of the tenant zebra" for number, symptom in enumerate(listed)]


async def run(folder: Path) -> Mapping[str, object]:
    """Seconds for the index, and milliseconds of a search; of the wall clock and of the processor."""
    questions = _write(folder)
    used = time.process_time()
    library = Library([Folder(folder, "bench")])
    building = time.process_time() - used
    wall, processor = [], []
    for question in questions:
        begun, used = time.perf_counter(), time.process_time()
        library.search(question)
        wall.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    return {
        "pages": library.stats().pages,
        "index build s": library.stats().build_seconds,
        "reading and index build s of processor time": round(building, 2),
        "searches": len(questions),
        "search p50 ms": round(percentile(wall, 0.5) * 1000, 2),
        "search p99 ms": round(percentile(wall, 0.99) * 1000, 2),
        "search p99 ms of processor time": round(percentile(processor, 0.99) * 1000, 2),
    }
