"""Which calls of message brokers' tools only read?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.model import Judgement, Tool, paths, read, unknown, words, writes
from chatops.policy.grammar.verbs import judge_words

KAFKA_ACTIONS = words("--list --describe --version --help")
KAFKA_VALUES = words(
    "--bootstrap-server --topic --group --entity-type --entity-name --zookeeper "
    "--bootstrap-controller --members --state "
    "--offsets --verbose --all-groups --all-topics --exclude-internal --timeout --partition "
    "--broker-list --time --under-replicated-partitions "
    "--unavailable-partitions --at-min-isr-partitions --under-min-isr-partitions "
    "--topics-with-overrides --principal --resource-pattern-type"
)
_KAFKA_LOOKING = words("kafka-broker-api-versions kafka-get-offsets kafka-log-dirs kafka-metadata-quorum")


def judge_kafka(name: str, args: Sequence[str]) -> Judgement:
    """Kafka's scripts: what they do is a flag, and all flags are known or it is not."""
    flags = [a.partition("=")[0] for a in args if a.startswith("-")]
    if name == "kafka-metadata-quorum" and set(flags) <= words(
        "--bootstrap-server --bootstrap-controller --status --replication"
    ):
        return read("describes the quorum") if "describe" in args else unknown("names no reading action")
    strange = next((f for f in flags if f not in KAFKA_VALUES and f not in KAFKA_ACTIONS), "")
    if strange in words(
        "--delete --alter --create --add --remove --reset-offsets --execute --delete-offsets --remove-all"
    ):
        return writes(f"{strange} changes topics, groups or rules")
    if name == "kafka-console-consumer" and not set(flags) - words(
        "--bootstrap-server --topic --from-beginning --max-messages --timeout-ms --partition --offset --property"
    ):
        joins = not set(flags) & words("--partition")
        return read("reads messages" + (" (as a group of its own)" if joins else ""))
    if strange:
        return unknown(f"nothing is known of {strange[:30]}")
    if set(flags) & KAFKA_ACTIONS or name in _KAFKA_LOOKING:
        return read("only lists or describes")
    return unknown("names no reading action")


RABBITMQ = Tool(
    "rabbitmqctl rabbitmq-diagnostics",
    reads=paths(
        "status, cluster_status, list_queues, list_exchanges, list_bindings, list_connections, list_channels, "
        "list_consumers, list_vhosts, list_users, list_permissions, list_policies, "
        "node_health_check, "
        "ping, version, list_unresponsive_queues, list_feature_flags, list_topic_permissions, alarms, "
        "check_running, check_local_alarms, check_port_connectivity, memory_breakdown, "
        "listeners, list_hashes, "
        "list_ciphers, list_global_parameters, list_operator_policies, server_version, erlang_version, help, overview"
    ),
    secrets=paths("environment, report, list_parameters"),
    values=words("-n --node -p --vhost -t --timeout --formatter"),
    switches=words("-q --quiet -s --silent -l --longnames --no-table-headers"),
)


def judge_rabbit(args: Sequence[str]) -> Judgement:
    """rabbitmqctl by its verb; what is not known to read changes the broker."""
    verdict = judge_words(RABBITMQ, args)
    if (
        verdict.verdict == "unknown"
        and args
        and re.match(
            "(?:delete|forget|reset|force|purge|stop|add|set|clear|change|rotate|shutdown|join|import|restart|close|eval|enable|disable)",
            args[0],
        )
    ):
        return writes(f"{args[0][:30]} changes the broker")
    return verdict


_KCAT = words("-L -Q -C -b -t -p -o -c -e -J -q -f -u -m")


def judge_kcat(args: Sequence[str]) -> Judgement:
    """kcat: metadata, offsets, and a bounded number of messages; -P sends, -G joins, -X and -F bring settings."""
    flags = [a[:2] for a in args if a.startswith("-")]
    if "-P" in flags:
        return writes("sends messages")
    bounded = "-C" in flags and ("-c" in flags or "-e" in flags)
    if set(flags) - _KCAT or not ({"-L", "-Q"} & set(flags) or bounded):
        return unknown("nothing is known of one of the flags, or it reads without an end")
    return read("asks brokers")
