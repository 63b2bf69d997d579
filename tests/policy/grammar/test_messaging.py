"""Of brokers' tools, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, UNKNOWN, WRITES, judged

test_commands = judged(
    ("kafka-topics --bootstrap-server k:9092 --describe", READ),
    ("kafka-topics.sh --bootstrap-server k:9092 --delete --topic x", WRITES),
    ("kafka-topics --list --command-config /tmp/x", UNKNOWN),
    ("rabbitmqctl list_queues", READ),
    ("rabbitmqctl purge_queue x", WRITES),
    ("kcat -L -b k:9092", READ),
    ("kcat -P -b k:9092 -t x", WRITES),
    ("rabbitmq-diagnostics check_running", READ),
    ("kafka-consumer-groups --bootstrap-server k:9092 --describe --group g", READ),
    ("kafka-consumer-groups --bootstrap-server k:9092 --reset-offsets --group g --execute", WRITES),
)
