"""How fast are the gates that every text and every command passes, through the command line?"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatops.policy.redaction.spans import TAG
from tests.app.processes import ROOT
from tests.policy.planted import HEX, drawn

COMMANDS = ROOT / "tests" / "policy" / "reads.txt"
SIZE = 50 * 1_000_000
PART = 500_000
LOGS = (
    '{{"ts":"2026-11-27T10:00:{s:02}.123Z","level":"info","trace_id":"{h32}","span_id":"{h16}","msg":"request done",'
    '"path":"/api/v1/orders/{n}","status":200}}',
    'I1127 10:00:{s:02}.123456       1 reconciler.go:224] "volume \\"kube-api-access-{h5}\\" pod \\"cart-{h5}\\""',
    '10.0.{s}.7 - - [27/Nov/2026:10:00:{s:02} +0000] "GET /static/app.{h16}.js HTTP/1.1" 304 0 "-" "Mozilla/5.0"',
    "key order-{n} not found in session store, token of the cache expired",
    "\tat com.example.auth.TokenService.validateToken(TokenService.java:{s})",
)
DESCRIBED = (
    "    Image ID:       docker.io/library/cart@sha256:{h64}",
    "    Container ID:   containerd://{h64}",
    '  resourceVersion: "{n}"',
    "  uid: {h8}-{h4}-4{h3}-8{h3}-{h12}",
    "Warning  BackOff  {s}m (x{n} over 2h)  kubelet  Back-off restarting failed container cart in pod cart-{h5}_shop",
    "      DB_PASSWORD:  <set to the key 'password' in secret 'db-{h5}'>  Optional: false",
    "      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-{h5} (ro)",
    '          name: LOG_LEVEL\n          value: "info-{s}"',
    "              topology.kubernetes.io/zone=eu-west-1a\n              checksum/config={h64}",
    "    secretKeyRef:\n      key: token-{s}\n      name: cart-{h5}",
)
KINDS = {"logs": LOGS, "described": DESCRIBED}


def benign(size: int, lines: Sequence[str] = LOGS + DESCRIBED) -> str:
    """Text full of identifiers and without a secret, of about this many characters."""
    source, parts, length = random.Random(7), [], 0
    digits = drawn(HEX, 4096, 7)
    while length < size:
        at = source.randrange(4000)
        cut = {f"h{n}": digits[at : at + n] for n in (3, 4, 5, 8, 12, 16, 32, 64)}
        line = source.choice(lines).format(s=source.randrange(60), n=source.randrange(10**8), **cut)
        parts.append(line)
        length += len(line) + 1
    return "\n".join(parts) + "\n"


def _through(arguments: list[str], source: Path, answer: Path) -> tuple[float, float]:
    """Seconds by the clock and seconds of CPU; the texts stay on disk, so that the peak memory is the child's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    command = [sys.executable, "-c", "from chatops.cli import main; main()", *arguments]
    with source.open("rb") as given, answer.open("wb") as taken:
        subprocess.run(command, stdin=given, stdout=taken, check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _redacted(kind: str, folder: Path) -> dict[str, object]:
    source, answer = folder / kind, folder / "clear"
    with source.open("w") as file:
        for _ in range(SIZE // PART):
            file.write(benign(PART, KINDS[kind]))
    seconds, cpu = _through(["redact"], source, answer)
    size = source.stat().st_size / 1e6
    with answer.open() as clear:
        tags = sum(len(TAG.findall(line)) for line in clear)
    return {
        f"{kind}_mb": round(size, 1),
        f"{kind}_mb_per_second": round(size / seconds, 1),
        f"{kind}_mb_per_cpu_second": round(size / cpu, 1),
        f"{kind}_false_redactions_per_mb": round(tags / size, 3),
    }


async def run(folder: Path) -> Mapping[str, object]:
    """50 MB of either kind of benign text through `redact`, 17,000 commands through `policy check`, start included."""
    texts = [_redacted(kind, folder) for kind in KINDS]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    commands = [line for line in COMMANDS.read_text("utf-8").splitlines() if line and not line.startswith("# ")]
    many, answers = folder / "commands", folder / "verdicts"
    many.write_text("\n".join((commands * (17_000 // len(commands) + 1))[:17_000]) + "\n")
    judged, _ = _through(["policy", "check"], many, answers)
    return {
        **{name: figure for figures in texts for name, figure in figures.items()},
        "redact_peak_rss_mb": round(peak / 1024),
        "commands": len(answers.read_text().splitlines()),
        "commands_seconds": round(judged, 1),
    }
