"""What exporters say of containers, nodes, pools and certificates, as tables of rows.

cAdvisor, kube-state-metrics and the node exporter name things the same everywhere; pools are rows of what
is used over what there is. A newcomer adds an exporter by adding a row.
"""

from __future__ import annotations

from connectors.prometheus.families import OWNER, WORKLOAD_OF_POD, Row


def _workload(aggregate: str, expression: str) -> str:
    """Aggregate something per pod to its workload on the server, so that pods do not multiply the answer."""
    named = f'label_replace({expression}, "workload", "$$1", "pod", "{WORKLOAD_OF_POD}")'
    return f"{aggregate} by (namespace, workload) ({named})"


def _per_pod(metric: str, wrapped: str) -> str:
    """Per pod, from the containers' rows; from the pod's own row where a runtime reports no containers."""
    named = wrapped.replace("$x", f'{metric}{{$m,container!="",container!="POD"}}')
    whole = wrapped.replace("$x", f'{metric}{{$m,container=""}}')
    return f"(sum by (namespace, pod) ({named}) or sum by (namespace, pod) ({whole}))"


_CPU = _per_pod("container_cpu_usage_seconds_total", "rate($x[$w])")
_MEMORY = _per_pod("container_memory_working_set_bytes", "$x")

CONTAINERS: tuple[Row, ...] = (
    Row("cpu", "workload", ("container_cpu_usage_seconds_total",), _workload("sum", _CPU), "cores", 0.01),
    Row(
        "throttling",
        "workload",
        ("container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"),
        _workload(
            "max",
            _per_pod("container_cpu_cfs_throttled_periods_total", "rate($x[$w])")
            + " / "
            + _per_pod("container_cpu_cfs_periods_total", "rate($x[$w])"),
        ),
        "ratio",
        0.02,
    ),
    Row(
        "cpu_share",
        "workload",
        ("container_cpu_usage_seconds_total", "kube_pod_container_resource_limits"),
        _workload("max", f'{_CPU} / sum by (namespace, pod) (kube_pod_container_resource_limits{{$m,resource="cpu"}})'),
        "ratio",
        0.05,
    ),
    Row("memory", "workload", ("container_memory_working_set_bytes",), _workload("max", _MEMORY), "bytes", 2**20),
    Row(
        "memory_share",
        "workload",
        ("container_memory_working_set_bytes", "kube_pod_container_resource_limits"),
        _workload(
            "max", f'{_MEMORY} / sum by (namespace, pod) (kube_pod_container_resource_limits{{$m,resource="memory"}})'
        ),
        "ratio",
        0.05,
    ),
    Row(
        "received",
        "workload",
        ("container_network_receive_packets_total",),
        _workload("sum", "sum by (namespace, pod) (rate(container_network_receive_packets_total{$m}[$w]))"),
        "packets/s",
        1.0,
    ),
    Row(
        "packet_errors",
        "workload",
        ("container_network_receive_packets_dropped_total", "container_network_transmit_packets_dropped_total"),
        _workload(
            "sum",
            "sum by (namespace, pod) (rate(container_network_receive_packets_dropped_total{$m}[$w]))"
            " + sum by (namespace, pod) (rate(container_network_transmit_packets_dropped_total{$m}[$w]))",
        ),
        "packets/s",
        0.5,
    ),
)

_N = "instance, node"
_DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|nsfs|fuse.*"'
NODES: tuple[Row, ...] = (
    Row(
        "cpu",
        "node",
        ("node_cpu_seconds_total",),
        f'1 - avg by ({_N}) (rate(node_cpu_seconds_total{{mode="idle"}}[$w]))',
        "ratio",
        0.02,
        "",
    ),
    Row(
        "memory",
        "node",
        ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
        f"1 - sum by ({_N}) (node_memory_MemAvailable_bytes) / sum by ({_N}) (node_memory_MemTotal_bytes)",
        "ratio",
        0.02,
        "",
    ),
    Row(
        "disk",
        "node",
        ("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        f"max by ({_N}) (1 - node_filesystem_avail_bytes{{{_DISKS}}} / node_filesystem_size_bytes{{{_DISKS}}})",
        "ratio",
        0.02,
        "",
    ),
    Row(
        "retransmits",
        "node",
        ("node_netstat_Tcp_RetransSegs",),
        f"sum by ({_N}) (rate(node_netstat_Tcp_RetransSegs[$w]))",
        "segments/s",
        0.5,
        "",
    ),
    Row(
        "retransmit_share",
        "node",
        ("node_netstat_Tcp_RetransSegs", "node_netstat_Tcp_OutSegs"),
        f"sum by ({_N}) (rate(node_netstat_Tcp_RetransSegs[$w])) / sum by ({_N}) (rate(node_netstat_Tcp_OutSegs[$w]))",
        "ratio",
        0.002,
        "",
    ),
    Row(
        "packet_errors",
        "node",
        ("node_network_receive_errs_total", "node_network_transmit_errs_total"),
        f"sum by ({_N}) (rate(node_network_receive_errs_total[$w]) + rate(node_network_transmit_errs_total[$w]))",
        "packets/s",
        0.5,
        "",
    ),
    Row(
        "packet_drops",
        "node",
        ("node_network_receive_drop_total", "node_network_transmit_drop_total"),
        f"sum by ({_N}) (rate(node_network_receive_drop_total[$w]) + rate(node_network_transmit_drop_total[$w]))",
        "packets/s",
        2.0,
        "",
    ),
    Row(
        "conntrack",
        "node",
        ("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"),
        f"sum by ({_N}) (node_nf_conntrack_entries) / sum by ({_N}) (node_nf_conntrack_entries_limit)",
        "ratio",
        0.02,
        "",
    ),
    Row(
        "descriptors",
        "node",
        ("node_filefd_allocated", "node_filefd_maximum"),
        f"sum by ({_N}) (node_filefd_allocated) / sum by ({_N}) (node_filefd_maximum)",
        "ratio",
        0.02,
        "",
    ),
    Row(
        "clock",
        "node",
        ("node_timex_offset_seconds",),
        f"max by ({_N}) (abs(node_timex_offset_seconds))",
        "seconds",
        0.05,
        "",
    ),
    Row("name", "node", ("node_uname_info",), f"max by ({_N}, nodename) (node_uname_info)", "", 1.0, ""),
)


def _share(
    signal: str, used: str, most: str, cause: str, more: str = "", matchers: str = "", scoped: str = "namespace"
) -> Row:
    """A pool: what is used over what there is, for every owner; pools without a limit (0, -1) are left out."""
    by = OWNER + more
    inside = f"{{$m,{matchers}}}"
    return Row(
        signal,
        "workload",
        (used, most),
        f"sum by ({by}) ({used}{inside}) / (sum by ({by}) ({most}{inside}) > 0)",
        "ratio",
        0.05,
        scoped,
        cause,
    )


POOLS: tuple[Row, ...] = (
    _share(
        "connection pool",
        "hikaricp_connections_active",
        "hikaricp_connections_max",
        "DatabaseConnectionsExhausted",
        ", pool",
    ),
    _share(
        "connection pool",
        "db_client_connections_usage",
        "db_client_connections_max",
        "DatabaseConnectionsExhausted",
        ", pool_name",
    ),
    _share(
        "connection pool",
        "go_sql_in_use_connections",
        "go_sql_max_open_connections",
        "DatabaseConnectionsExhausted",
        ", db_name",
    ),
    _share(
        "database connections",
        "pg_stat_activity_count",
        "pg_settings_max_connections",
        "DatabaseConnectionsExhausted",
        ", server",
    ),
    _share(
        "database connections",
        "mysql_global_status_threads_connected",
        "mysql_global_variables_max_connections",
        "DatabaseConnectionsExhausted",
        ", instance",
    ),
    _share(
        "Redis clients",
        "redis_connected_clients",
        "redis_config_maxclients",
        "DatabaseConnectionsExhausted",
        ", instance",
    ),
    _share("Redis memory", "redis_memory_used_bytes", "redis_memory_max_bytes", "CacheEvictions", ", instance"),
    _share("JVM heap", "jvm_memory_used_bytes", "jvm_memory_max_bytes", "MemoryPressure", ", pod", 'area="heap"'),
    _share("worker threads", "tomcat_threads_busy_threads", "tomcat_threads_config_max_threads", "", ", pod"),
    _share("file descriptors", "process_open_fds", "process_max_fds", "", ", pod"),
    _share("file descriptors", "process_files_open_files", "process_files_max_files", "", ", pod"),
    _share(
        "volume",
        "kubelet_volume_stats_used_bytes",
        "kubelet_volume_stats_capacity_bytes",
        "DiskFull",
        ", persistentvolumeclaim",
    ),
    _share(
        "inodes",
        "kubelet_volume_stats_inodes_used",
        "kubelet_volume_stats_inodes",
        "DiskFull",
        ", persistentvolumeclaim",
    ),
)

"""A row without a cause is told and claims nothing: the catalogue has no name for it."""

CERTIFICATES: tuple[tuple[str, str], ...] = (
    ("probe_ssl_earliest_cert_expiry", "probe_ssl_earliest_cert_expiry - time()"),
    ("x509_cert_not_after", "x509_cert_not_after - time()"),
    (
        "certmanager_certificate_expiration_timestamp_seconds",
        "certmanager_certificate_expiration_timestamp_seconds - time()",
    ),
    ("kubelet_certificate_manager_client_ttl_seconds", "kubelet_certificate_manager_client_ttl_seconds"),
)
"""Metric, and the seconds that are left."""
