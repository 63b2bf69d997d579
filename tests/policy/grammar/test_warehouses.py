"""Of warehouses' clients and dump tools, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, UNKNOWN, WRITES, judged

test_commands = judged(
    ("clickhouse-client --query 'SELECT 1'", READ),
    ("clickhouse-client --query 'DROP TABLE x'", WRITES),
    ("cqlsh -e 'DESCRIBE KEYSPACES'", READ),
    ("cqlsh -e 'DROP TABLE x'", WRITES),
    ("cockroach node status", READ),
    ("cockroach node drain 3", WRITES),
    ("bq ls", READ),
    ("bq rm x", WRITES),
    ("pg_dump shop", UNKNOWN),
)
