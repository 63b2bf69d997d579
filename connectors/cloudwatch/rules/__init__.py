"""Rules: pure functions from what was read to findings, by area."""
