"""`python -m tests.fuzz [libFuzzer's options]`: mutate deliveries for a minute, and keep what breaks."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chatops.webhooks", "chatops.triage", "chatops.domain"]):
    from tests.fuzz import payloads


def main() -> None:
    """Run with a corpus of its own where none is given."""
    options = sys.argv[1:] or ["-max_total_time=60"]
    with tempfile.TemporaryDirectory(prefix="chatops-fuzz-") as folder:
        for number, seed in enumerate(payloads.seeds()):
            Path(folder, f"seed-{number}").write_bytes(seed)
        atheris.Setup([sys.argv[0], "-max_len=4096", "-timeout=20", *options, folder], payloads.deliver)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
