"""What each command-line tool's words and flags mean: tables by family, looked up by the tool's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from chatops.policy.grammar import (
    clouds,
    clusters,
    databases,
    devices,
    filters,
    hosts,
    http,
    machines,
    messaging,
    network,
    operators,
    plugins,
    provisioning,
    services,
    source,
    system,
    warehouses,
)
from chatops.policy.grammar.aws import judge_aws
from chatops.policy.grammar.git import judge_git
from chatops.policy.grammar.kubectl import judge_kubectl
from chatops.policy.grammar.model import Judge, Judgement, Tool, unknown, words
from chatops.policy.grammar.observability import judge_logcli, judge_promtool
from chatops.policy.grammar.openshift import judge_oc
from chatops.policy.grammar.verbs import judge_words


def _judge_bq(args: Sequence[str]) -> Judgement:
    return warehouses.judge_bq(args) or judge_words(_ROWS["bq"], args)


_OWN: Mapping[str, Judge] = {
    "kubectl": judge_kubectl,
    "oc": judge_oc,
    "aws": judge_aws,
    "git": judge_git,
    "psql": databases.judge_psql,
    "mysql": databases.judge_mysql,
    "mariadb": databases.judge_mysql,
    "redis-cli": databases.judge_redis,
    "valkey-cli": databases.judge_redis,
    "mongosh": databases.judge_mongo,
    "mongo": databases.judge_mongo,
    "sqlite3": databases.judge_sqlite,
    "clickhouse-client": warehouses.judge_clickhouse,
    "cqlsh": warehouses.judge_cqlsh,
    "cockroach": warehouses.judge_cockroach,
    "bq": _judge_bq,
    "pg_dump": warehouses.judge_pg_dump,
    "mysqldump": warehouses.judge_mysqldump,
    "rabbitmqctl": messaging.judge_rabbit,
    "rabbitmq-diagnostics": messaging.judge_rabbit,
    "kcat": messaging.judge_kcat,
    "kafkacat": messaging.judge_kcat,
    "promtool": judge_promtool,
    "logcli": judge_logcli,
    "http": http.judge_httpie,
    "https": http.judge_httpie,
    "wget": http.judge_wget,
    "grpcurl": http.judge_grpcurl,
    "grpc_health_probe": http.judge_grpc_health,
    "grpc-health-probe": http.judge_grpc_health,
    "dig": network.judge_dig,
    "host": network.judge_host,
    "drill": network.judge_dig,
    "delv": network.judge_dig,
    "nslookup": network.judge_dig,
    "openssl": network.judge_openssl,
    "ping": network.judge_probe,
    "ping6": network.judge_probe,
    "nc": network.judge_netcat,
    "ncat": network.judge_netcat,
    "ip": network.judge_ip,
    "systemctl": system.judge_systemctl,
    "journalctl": system.judge_journalctl,
    "service": system.judge_service,
    "top": system.judge_top,
    "dmesg": system.judge_dmesg,
    "sysctl": system.judge_sysctl,
    "crontab": system.judge_crontab,
    "ssh-keyscan": system.judge_keyscan,
    "java": system.judge_java,
    "gh": source.judge_gh,
    "glab": source.judge_glab,
    **plugins.JUDGES,
}

_KAFKA = words(
    "kafka-topics kafka-consumer-groups kafka-configs kafka-acls kafka-console-consumer kafka-broker-api-versions "
    "kafka-get-offsets kafka-log-dirs kafka-metadata-quorum"
)

_TABLES = (
    *(*clusters.TOOLS, *provisioning.TOOLS, *source.TOOLS, *clouds.TOOLS),
    *(*services.TOOLS, *machines.TOOLS, *operators.TOOLS, *hosts.TOOLS, *plugins.TOOLS),
)

_ROWS: dict[str, Tool] = {name: tool for tool in _TABLES for name in tool.names.split()}

WRITERS = words(
    "rm rmdir mv cp dd mkfs shred truncate tee touch chmod chown chgrp ln kill pkill killall "
    "reboot shutdown halt poweroff "
    "umount useradd userdel usermod passwd nsupdate createdb dropdb "
    "kafka-delete-records kafka-console-producer kafka-reassign-partitions pg_restore mysqlimport mongoimport "
    "mongorestore wipefs lvremove vgremove pvremove swapoff modprobe rmmod insmod "
    "rsync scp sftp make mkdir install patch"
)
"""Programs that are there to change something, whatever their arguments."""

WRAPPERS = words(
    "sh bash zsh dash ksh fish csh tcsh env xargs sudo doas su time timeout nohup nice "
    "ionice setsid watch parallel exec "
    "eval source . command builtin ssh mosh tmux screen script strace ltrace gdb chroot "
    "unshare nsenter python python3 perl "
    "ruby node php lua awk-f busybox stdbuf flock at batch systemd-run docker-machine "
    "vagrant expect socat tclsh Rscript "
    "pwsh powershell cmd alias unalias export set trap"
)
"""Programs that run what they are given: the words behind them are no rule's business."""

_VERSIONED = re.compile(r"(kubectl|python|pip|helm|terraform)[.-]?v?\d+(?:\.\d+)*$")


def judge_of(name: str) -> Callable[[Sequence[str]], Judgement] | None:
    """Who judges the arguments of a program; None where nothing is known of it."""
    own = _judge_of(name)
    if name == "kubectl" or name in plugins.BUNDLED:
        return partial(_itself_or_another, name, own)
    return own


def _itself_or_another(name: str, own: Judge | None, args: Sequence[str]) -> Judgement:
    other = plugins.passed_on(name, args, judge_of)
    return other or (own(args) if own else unknown(f"nothing is known of {name}"))


def _judge_of(name: str) -> Callable[[Sequence[str]], Judgement] | None:
    if name in _OWN:
        return _OWN[name]
    if name in _ROWS:
        return partial(judge_words, _ROWS[name])
    if name in _KAFKA:
        return partial(messaging.judge_kafka, name)
    if filters.is_filter(name):
        return partial(filters.judge_filter, name)
    if devices.is_device_tool(name):
        return partial(devices.judge_device_tool, name)
    if name in system.CHECKERS:
        return partial(system.judge_checker, name)
    return partial(system.judge_looker, name) if system.is_looker(name) else None


def plain_name(name: str) -> str:
    """`kubectl.exe`, `kubectl-1.28` and `kafka-topics.sh` are kubectl and kafka-topics."""
    name = name.removesuffix(".exe").removesuffix(".sh")
    found = _VERSIONED.match(name)
    return found[1] if found else name
