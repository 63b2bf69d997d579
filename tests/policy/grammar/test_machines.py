"""Of servers' tools and package managers, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, WRITES, judged

test_commands = judged(
    ("amtool silence add alertname=x", WRITES),
    ("amtool alert query", READ),
    ("amtool silence expire x", WRITES),
    ("pip list --outdated", READ),
    ("pip install x", WRITES),
    ("npm ls --depth=0", READ),
    ("npm install", WRITES),
    ("apt list --installed", READ),
    ("apt-get install curl", WRITES),
    ("cargo tree", READ),
    ("go env -w GOFLAGS=x", WRITES),
    ("poetry show", READ),
    ("gem list", READ),
)
