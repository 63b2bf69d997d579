"""Which metrics say what: the exporters, meshes and frameworks this connector can read, as tables.

A row is one signal of one kind of thing, in PromQL, with the metrics it needs; rows whose metrics do not
exist are not asked. `$m` stands for the scope's matchers, `$w` for the rate window. A newcomer adds a
framework by adding a row to `REQUESTS`; exporters are in `exporters.py`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Entity = Literal["workload", "node", "other"]

OWNER = "namespace, deployment, workload, app, service, application, service_name, job"
"""Labels that may name the service; those a series does not have come back empty and cost nothing."""
WORKLOAD_OF_POD = r"(.+?)(?:(?:-[0-9a-z]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}|-[0-9]+)?"
"""A pod's name without what its controller appends (replica set hash and suffix, or ordinal)."""


class Row(NamedTuple):
    """One signal: `floor` is the smallest spread that counts, in its unit; `scoped` the label of the namespace."""

    signal: str
    entity: Entity
    needs: tuple[str, ...]
    promql: str
    unit: str
    floor: float
    scoped: str = "namespace"
    cause: str = ""
    """For saturations: the code that a value of 1 stands for."""


class Requests(NamedTuple):
    """A framework's request counter and duration histogram; both named without the owner's labels."""

    name: str
    counter: str
    errors: tuple[str, ...]
    """Matchers of a failed request: alternatives, because frameworks name the label differently."""
    duration: str
    unit: str
    by: str = OWNER
    only: str = ""
    """A matcher that keeps one side of a hop, where both report it."""
    scoped: str = "namespace"


REQUESTS: tuple[Requests, ...] = (
    Requests(
        "istio",
        "istio_requests_total",
        ('response_code=~"5..|0"',),
        "istio_request_duration_milliseconds",
        "milliseconds",
        "destination_service_name, destination_service_namespace",
        'reporter="destination"',
        "destination_service_namespace",
    ),
    Requests(
        "linkerd",
        "response_total",
        ('classification="failure"',),
        "response_latency_ms",
        "milliseconds",
        OWNER,
        'direction="inbound"',
    ),
    Requests(
        "spring",
        "http_server_requests_seconds_count",
        ('outcome="SERVER_ERROR"',),
        "http_server_requests_seconds",
        "seconds",
    ),
    Requests(
        "opentelemetry",
        "http_server_request_duration_seconds_count",
        ('http_response_status_code=~"5.."',),
        "http_server_request_duration_seconds",
        "seconds",
    ),
    Requests(
        "opentelemetry-old",
        "http_server_duration_milliseconds_count",
        ('http_status_code=~"5.."',),
        "http_server_duration_milliseconds",
        "milliseconds",
    ),
    Requests(
        "grpc",
        "grpc_server_handled_total",
        ('grpc_code=~"Unknown|DeadlineExceeded|ResourceExhausted|Aborted|Internal|Unavailable|DataLoss"',),
        "grpc_server_handling_seconds",
        "seconds",
    ),
    Requests(
        "opentelemetry-rpc",
        "rpc_server_duration_milliseconds_count",
        ('rpc_grpc_status_code=~"2|4|8|10|13|14|15"',),
        "rpc_server_duration_milliseconds",
        "milliseconds",
    ),
    Requests(
        "http",
        "http_requests_total",
        ('code=~"5.."', 'status=~"5.."', 'status_code=~"5.."'),
        "http_request_duration_seconds",
        "seconds",
    ),
    Requests(
        "ingress-nginx",
        "nginx_ingress_controller_requests",
        ('status=~"5.."',),
        "nginx_ingress_controller_request_duration_seconds",
        "seconds",
        "exported_namespace, exported_service, namespace, service, ingress",
        "",
        "",
    ),
    Requests(
        "traefik",
        "traefik_service_requests_total",
        ('code=~"5.."',),
        "traefik_service_request_duration_seconds",
        "seconds",
        "service",
        "",
        "",
    ),
    Requests(
        "envoy",
        "envoy_cluster_upstream_rq_completed",
        (),
        "envoy_cluster_upstream_rq_time",
        "milliseconds",
        "envoy_cluster_name",
        "",
        "",
    ),
)


class Calls(NamedTuple):
    """Where callers and callees are counted: labels of caller, its namespace, callee, its namespace."""

    needs: str
    promql: str
    caller: str
    callee: str
    namespace: str


CALLS: tuple[Calls, ...] = (
    Calls(
        "istio_requests_total",
        "sum by (source_workload, destination_service_name, destination_service_namespace)"
        " (rate(istio_requests_total{$m}[$w])) > 0",
        "source_workload",
        "destination_service_name",
        "destination_service_namespace",
    ),
    Calls(
        "response_total",
        'sum by (deployment, dst_deployment, namespace) (rate(response_total{direction="outbound",$m}[$w])) > 0',
        "deployment",
        "dst_deployment",
        "namespace",
    ),
    Calls(
        "traces_service_graph_request_total",
        "sum by (client, server) (rate(traces_service_graph_request_total[$w])) > 0",
        "client",
        "server",
        "",
    ),
)


def rows_of(family: Requests) -> tuple[Row, ...]:
    """The golden rows of a framework: requests per second, share of errors, quantiles and mean of the duration."""
    inside = f"$m,{family.only}" if family.only else "$m"
    total = f"sum by ({family.by}) (rate({family.counter}{{{inside}}}[$w]))"
    rows = [Row("traffic", "workload", (family.counter,), total, "req/s", 0.1, family.scoped)]
    if family.errors:
        failed = " or ".join(
            f"sum by ({family.by}) (rate({family.counter}{{{inside},{e}}}[$w]))" for e in family.errors
        )
        ratio = f"({failed} or 0 * {total}) / {total}"
        rows.append(Row("errors", "workload", (family.counter,), ratio, "ratio", 0.005, family.scoped))
    bucket = f"{family.duration}_bucket"
    for signal, quantile in (("latency_p50", 0.5), ("latency_p95", 0.95)):
        late = f"histogram_quantile({quantile}, sum by (le, {family.by}) (rate({bucket}{{{inside}}}[$w])))"
        rows.append(
            Row(
                signal,
                "workload",
                (bucket,),
                late,
                family.unit,
                1.0 if family.unit == "milliseconds" else 0.001,
                family.scoped,
            )
        )
    mean = f"sum by ({family.by}) (rate({family.duration}_sum{{{inside}}}[$w])) / {total}"
    rows.append(
        Row(
            "latency_mean",
            "workload",
            (f"{family.duration}_sum", family.counter),
            mean,
            family.unit,
            rows[-1].floor,
            family.scoped,
        )
    )
    return tuple(rows)
