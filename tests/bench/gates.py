"""How fast are the gates that every text and every command passes, through the command line?"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.app.processes import ROOT
from tests.policy.planted import HEX, drawn

COMMANDS = ROOT / "tests" / "policy" / "reads.txt"
SIZE = 50 * 1_000_000
LINES = (
    '{{"ts":"2026-11-27T10:00:{s:02}.123Z","level":"info","trace_id":"{h32}","span_id":"{h16}","msg":"request done",'
    '"path":"/api/v1/orders/{n}","status":200}}',
    'I1127 10:00:{s:02}.123456       1 reconciler.go:224] "volume \\"kube-api-access-{h5}\\" pod \\"cart-{h5}\\""',
    "    Image ID:       docker.io/library/cart@sha256:{h64}",
    "    Container ID:   containerd://{h64}",
    '10.0.{s}.7 - - [27/Nov/2026:10:00:{s:02} +0000] "GET /static/app.{h16}.js HTTP/1.1" 304 0 "-" "Mozilla/5.0"',
    '  resourceVersion: "{n}"',
    "  uid: {h8}-{h4}-4{h3}-8{h3}-{h12}",
    "Warning  BackOff  {s}m (x{n} over 2h)  kubelet  Back-off restarting failed container cart in pod cart-{h5}_shop",
    "key order-{n} not found in session store, token of the cache expired",
)


def benign(size: int) -> str:
    """Log and `describe` text without a secret, of about this many characters."""
    source, parts, length = random.Random(7), [], 0
    digits = drawn(HEX, 4096, 7)
    while length < size:
        at = source.randrange(4000)
        cut = {f"h{n}": digits[at : at + n] for n in (3, 4, 5, 8, 12, 16, 32, 64)}
        line = source.choice(LINES).format(s=source.randrange(60), n=source.randrange(10**8), **cut)
        parts.append(line)
        length += len(line) + 1
    return "\n".join(parts) + "\n"


def _through(arguments: list[str], text: str) -> tuple[float, float, str]:
    """Seconds by the clock, seconds of CPU, and what was answered."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    command = [sys.executable, "-c", "from chatops.cli import main; main()", *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.monotonic() - begun, cpu, done.stdout


async def run(folder: Path) -> Mapping[str, object]:
    """50 MB of benign text through `redact`, 17,000 commands through `policy check`, start of the program included."""
    del folder
    text = benign(SIZE)
    seconds, cpu, clear = _through(["redact"], text)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    commands = [line for line in COMMANDS.read_text("utf-8").splitlines() if line and not line.startswith("# ")]
    many = (commands * (17_000 // len(commands) + 1))[:17_000]
    judged, _, answers = _through(["policy", "check"], "\n".join(many) + "\n")
    return {
        "redact_mb": round(len(text) / 1e6, 1),
        "redact_seconds": round(seconds, 1),
        "redact_mb_per_second": round(len(text) / 1e6 / seconds, 1),
        "redact_mb_per_cpu_second": round(len(text) / 1e6 / cpu, 1),
        "redact_peak_rss_mb": round(peak / 1024),
        "false_redactions_per_mb": round(clear.count("[secret:") / (len(text) / 1e6), 3),
        "commands": answers.count("\n"),
        "commands_seconds": round(judged, 1),
    }
