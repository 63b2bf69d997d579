"""Benchmarks: `make bench`. They print figures; nothing fails for being slow, because machines differ."""
