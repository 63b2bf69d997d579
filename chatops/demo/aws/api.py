"""What would AWS answer? One endpoint for the services an incident asks, in the protocols boto3 speaks to each.

Which service is meant is in the signature's credential scope, as on a real shared endpoint. What this
account may not do, and what the stand-in does not know, is refused as AWS refuses it: AccessDenied.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatops.demo.aws import cbor
from chatops.demo.aws import logs as aws_logs
from chatops.demo.aws import metrics as aws_metrics
from chatops.demo.aws import resources as aws_resources
from chatops.demo.aws.metrics import Answer, AwsError
from chatops.demo.world import Stage, World

Clock = Callable[[], float]
Operation = Callable[[World, Mapping[str, Any], float], Answer]

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("monitoring", "DescribeAlarms"): aws_metrics.describe_alarms,
    ("monitoring", "DescribeAlarmHistory"): aws_metrics.describe_alarm_history,
    ("monitoring", "ListMetrics"): aws_metrics.list_metrics,
    ("monitoring", "GetMetricData"): aws_metrics.get_metric_data,
    ("monitoring", "GetMetricStatistics"): aws_metrics.get_metric_statistics,
    ("logs", "DescribeLogGroups"): aws_logs.describe_log_groups,
    ("logs", "DescribeLogStreams"): aws_logs.describe_log_streams,
    ("logs", "FilterLogEvents"): aws_logs.filter_log_events,
    ("sts", "GetCallerIdentity"): aws_resources.get_caller_identity,
    ("rds", "DescribeDBInstances"): aws_resources.describe_db_instances,
    ("rds", "DescribeDBClusters"): aws_resources.describe_db_clusters,
    ("rds", "DescribeDBParameters"): aws_resources.describe_db_parameters,
    ("rds", "DescribeEvents"): aws_resources.describe_events,
    ("ecs", "ListClusters"): aws_resources.list_clusters,
    ("ecs", "DescribeServices"): aws_resources.describe_services,
    ("lambda", "ListFunctions"): aws_resources.list_functions,
    ("lambda", "GetFunctionConfiguration"): aws_resources.get_function_configuration,
    ("lambda", "GetFunctionConcurrency"): aws_resources.get_function_concurrency,
    ("cloudformation", "DescribeStacks"): aws_resources.describe_stacks,
    ("xray", "GetServiceGraph"): aws_resources.get_service_graph,
    ("eks", "DescribeCluster"): aws_resources.describe_cluster,
    ("cloudtrail", "LookupEvents"): aws_resources.lookup_events,
    ("elasticloadbalancing", "DescribeTargetGroups"): aws_resources.nothing_of("TargetGroups"),
    ("autoscaling", "DescribeScalingActivities"): aws_resources.nothing_of("Activities"),
    ("ec2", "DescribeInstanceStatus"): aws_resources.nothing_of("instanceStatusSet"),
    ("dynamodb", "DescribeTable"): aws_resources.none_named("ResourceNotFoundException", "TableName"),
    ("sqs", "GetQueueUrl"): aws_resources.none_named("QueueDoesNotExist", "QueueName"),
}
"""(signing name, operation) → its answer. Times in answers are datetimes, written as the protocol wants."""

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_REST: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "lambda": (
        (re.compile(r"^/2015-03-31/functions/?$"), "ListFunctions"),
        (re.compile(r"^/2015-03-31/functions/(?P<FunctionName>[^/]+)/configuration$"), "GetFunctionConfiguration"),
        (re.compile(r"^/2019-09-30/functions/(?P<FunctionName>[^/]+)/concurrency$"), "GetFunctionConcurrency"),
    ),
    "xray": ((re.compile(r"^/ServiceGraph$"), "GetServiceGraph"),),
    "eks": ((re.compile(r"^/clusters/(?P<name>[^/]+)$"), "DescribeCluster"),),
}
"""Services whose operation is in the path: signing name → (path, operation)."""


def application(stage: Stage, clock: Clock = time.time) -> Starlette:
    """The stand-in's ASGI application."""
    insights = aws_logs.Insights()
    table: dict[tuple[str, str], Operation] = {
        **OPERATIONS,
        ("logs", "StartQuery"): insights.start_query,
        ("logs", "GetQueryResults"): insights.get_query_results,
        ("logs", "StopQuery"): insights.stop_query,
    }

    async def endpoint(request: Request) -> Response:
        call = _read(request, await request.body())
        try:
            operation = table.get((call.service, call.operation))
            if operation is None:
                raise _denied(stage.world, call)
            return call.answer(operation(stage.world, call.params, clock()))
        except AwsError as error:
            return call.refuse(error)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])


class _Call:
    """One request, read, and the protocol in which it is answered."""

    def __init__(self, service: str, operation: str, params: Mapping[str, Any], protocol: str) -> None:
        self.service, self.operation, self.params, self.protocol = service, operation, params, protocol

    def answer(self, data: Answer) -> Response:
        """A successful answer."""
        if self.protocol == "cbor":
            return _response(cbor.dumps(data), "application/cbor", {"smithy-protocol": "rpc-v2-cbor"})
        if self.protocol == "query":
            result = _xml(f"{self.operation}Result", data)
            meta = f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
            body = f"<{self.operation}Response>{result}{meta}</{self.operation}Response>"
            return _response(body.encode(), "text/xml")
        return _response(json.dumps(data, default=_epoch).encode(), "application/x-amz-json-1.1")

    def refuse(self, error: AwsError) -> Response:
        """An error answer."""
        if self.protocol == "cbor":
            body = cbor.dumps({"__type": error.code, "message": str(error)})
            return _response(body, "application/cbor", {"smithy-protocol": "rpc-v2-cbor"}, error.status)
        if self.protocol == "query":
            inner = f"<Code>{escape(error.code)}</Code><Message>{escape(str(error))}</Message>"
            text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error></ErrorResponse>"
            return _response(text.encode(), "text/xml", status=error.status)
        text = json.dumps({"__type": error.code, "message": str(error)})
        return _response(text.encode(), "application/x-amz-json-1.1", {"x-amzn-errortype": error.code}, error.status)


def _response(body: bytes, kind: str, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    return Response(body, status, {"x-amzn-requestid": str(uuid.uuid4()), **(headers or {})}, kind)


def _denied(world: World, call: _Call) -> AwsError:
    arn = f"arn:aws:sts::{world.cloud.account}:assumed-role/chatops/demo"
    message = f"User: {arn} is not authorized to perform: {call.service}:{call.operation}"
    return AwsError("AccessDeniedException" if call.protocol != "query" else "AccessDenied", message, 403)


def _read(request: Request, body: bytes) -> _Call:
    found = _SCOPE.search(request.headers.get("authorization", ""))
    service = found[1] if found else ""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return _Call(service, request.url.path.rpartition("/")[2], cbor.loads(body), "cbor")
    target = request.headers.get("x-amz-target", "")
    if target:
        return _Call(service, target.rpartition(".")[2], json.loads(body or b"{}"), "json")
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _rest(service, request.url.path, json.loads(body or b"{}"))
    params = _unflatten(parse_qsl(body.decode(), keep_blank_values=True))
    return _Call(service, str(params.pop("Action", "")), params, "query")


def _rest(service: str, path: str, params: Mapping[str, Any]) -> _Call:
    for pattern, operation in _REST.get(service, ()):
        if found := pattern.match(path):
            return _Call(service, operation, {**params, **found.groupdict()}, "json")
    return _Call(service, path, params, "json")


def _unflatten(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`Filters.member.1.Name=x` (or `Filters.Filter.1.Name`) as nested lists and maps."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        node, parts = tree, key.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = value
    return {key: _lists(value) for key, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = next(iter(node.values()))
    if len(node) == 1 and isinstance(inner, dict) and all(k.isdigit() for k in inner):
        return [_lists(inner[k]) for k in sorted(inner, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"not JSON: {value!r}")


_ITEM = {"DBInstances": "DBInstance", "DBClusters": "DBCluster", "Events": "Event", "Parameters": "Parameter"}
"""What the items of a list are called in the query protocol's XML, where it is not `member`."""


def _xml(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_xml(k, v) for k, v in value.items())
    elif isinstance(value, list | tuple):
        inner = "".join(_xml(_ITEM.get(name, "member"), v) for v in value)
    elif isinstance(value, datetime):
        inner = value.isoformat().replace("+00:00", "Z")
    else:
        inner = escape(str(value).lower() if isinstance(value, bool) else str(value))
    return f"<{name}>{inner}</{name}>"
