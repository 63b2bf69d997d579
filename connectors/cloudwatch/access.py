"""Which IAM actions does reading need, what for, and what is lost without each?

One row per API operation the connector may call. `doctor` names a missing action from here, the
documentation and the Helm chart's example policy are generated from it. Every action only reads; none
returns secrets (`secretsmanager`, `ssm:GetParameter`, `lambda:GetFunction` with its code URL and
environment are left out on purpose).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Action(NamedTuple):
    """`optional` actions widen the view; without the others whole checks are blind."""

    service: str
    """As boto3 names the client."""
    operation: str
    iam: str
    why: str
    optional: bool = True


def _a(service: str, operation: str, iam: str, why: str, *, optional: bool = True) -> Action:
    return Action(service, operation, iam, why, optional)


ACTIONS: tuple[Action, ...] = (
    _a("cloudwatch", "DescribeAlarms", "cloudwatch:DescribeAlarms", "alarms in ALARM", optional=False),
    _a("cloudwatch", "DescribeAlarmHistory", "cloudwatch:DescribeAlarmHistory", "when an alarm changed its state"),
    _a("cloudwatch", "GetMetricData", "cloudwatch:GetMetricData", "metrics of the scope", optional=False),
    _a("cloudwatch", "GetMetricStatistics", "cloudwatch:GetMetricStatistics", "metrics asked for by hand"),
    _a("cloudwatch", "ListMetrics", "cloudwatch:ListMetrics", "which resources exist", optional=False),
    _a("logs", "DescribeLogGroups", "logs:DescribeLogGroups", "the scope's log groups"),
    _a("logs", "FilterLogEvents", "logs:FilterLogEvents", "error lines before and after the onset"),
    _a("logs", "StartQuery", "logs:StartQuery", "Logs Insights queries"),
    _a("logs", "GetQueryResults", "logs:GetQueryResults", "results of Logs Insights queries"),
    _a("logs", "StopQuery", "logs:StopQuery", "stopping a query nobody waits for"),
    _a("rds", "DescribeDBInstances", "rds:DescribeDBInstances", "state, class and storage of databases"),
    _a("rds", "DescribeDBClusters", "rds:DescribeDBClusters", "writers and readers of clusters"),
    _a("rds", "DescribeEvents", "rds:DescribeEvents", "failovers, restarts, storage warnings"),
    _a("rds", "DescribeDBParameters", "rds:DescribeDBParameters", "the connection limit that was set"),
    _a("pi", "GetResourceMetrics", "pi:GetResourceMetrics", "what sessions of a database wait for"),
    _a("pi", "DescribeDimensionKeys", "pi:DescribeDimensionKeys", "which SQL makes the load"),
    _a("ecs", "DescribeServices", "ecs:DescribeServices", "deployments and events of services"),
    _a("ecs", "ListTasks", "ecs:ListTasks", "tasks that stopped"),
    _a("ecs", "DescribeTasks", "ecs:DescribeTasks", "why tasks stopped"),
    _a("eks", "DescribeCluster", "eks:DescribeCluster", "state of the control plane"),
    _a("eks", "ListNodegroups", "eks:ListNodegroups", "node groups of a cluster"),
    _a("eks", "DescribeNodegroup", "eks:DescribeNodegroup", "health issues of node groups"),
    _a("eks", "ListAddons", "eks:ListAddons", "add-ons of a cluster"),
    _a("eks", "DescribeAddon", "eks:DescribeAddon", "health issues of add-ons"),
    _a("lambda", "GetFunctionConfiguration", "lambda:GetFunctionConfiguration", "state and last update of functions"),
    _a("lambda", "GetFunctionConcurrency", "lambda:GetFunctionConcurrency", "the reserved concurrency of functions"),
    _a("elbv2", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers", "load balancers of the scope"),
    _a("elbv2", "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups", "their target groups"),
    _a("elbv2", "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth", "why targets are unhealthy"),
    _a("dynamodb", "DescribeTable", "dynamodb:DescribeTable", "capacity and state of tables"),
    _a("sqs", "GetQueueUrl", "sqs:GetQueueUrl", "finding a queue"),
    _a("sqs", "GetQueueAttributes", "sqs:GetQueueAttributes", "visibility and dead-letter queue"),
    _a("ec2", "DescribeInstanceStatus", "ec2:DescribeInstanceStatus", "status checks and scheduled events"),
    _a("ec2", "DescribeVolumeStatus", "ec2:DescribeVolumeStatus", "impaired volumes"),
    _a("ec2", "DescribeNatGateways", "ec2:DescribeNatGateways", "state of NAT gateways"),
    _a("elasticache", "DescribeEvents", "elasticache:DescribeEvents", "failovers of caches"),
    _a("cloudformation", "DescribeStackEvents", "cloudformation:DescribeStackEvents", "why a stack failed"),
    _a("cloudformation", "DescribeStacks", "cloudformation:DescribeStacks", "stacks that changed"),
    _a("autoscaling", "DescribeScalingActivities", "autoscaling:DescribeScalingActivities", "scaling and its failures"),
    _a("cloudtrail", "LookupEvents", "cloudtrail:LookupEvents", "who changed what"),
    _a("ce", "GetCostAndUsage", "ce:GetCostAndUsage", "what services cost, where the settings allow the paid call"),
    _a("xray", "GetServiceGraph", "xray:GetServiceGraph", "who calls whom, and where it fails"),
    _a("route53", "GetHealthCheckStatus", "route53:GetHealthCheckStatus", "why a health check fails"),
    _a("route53", "GetHealthCheck", "route53:GetHealthCheck", "which host a health check asks"),
    _a("cloudfront", "GetDistribution", "cloudfront:GetDistribution", "state of distributions"),
    _a("kinesis", "DescribeStreamSummary", "kinesis:DescribeStreamSummary", "shards of streams"),
    _a("lambda", "ListEventSourceMappings", "lambda:ListEventSourceMappings", "what reads queues and streams"),
    _a("kafka", "ListClustersV2", "kafka:ListClustersV2", "state of Kafka clusters"),
    _a("events", "DescribeRule", "events:DescribeRule", "whether rules are enabled"),
    _a("events", "ListTargetsByRule", "events:ListTargetsByRule", "what rules call"),
    _a("sns", "ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic", "who is subscribed to topics"),
    _a("stepfunctions", "DescribeStateMachine", "states:DescribeStateMachine", "which functions workflows call"),
    _a("stepfunctions", "ListExecutions", "states:ListExecutions", "which executions failed"),
    _a("stepfunctions", "DescribeExecution", "states:DescribeExecution", "why an execution failed"),
    _a("opensearch", "DescribeDomain", "es:DescribeDomain", "state of search domains"),
    _a("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems", "state of file systems"),
    _a("acm", "DescribeCertificate", "acm:DescribeCertificate", "until when certificates are good"),
    _a("sts", "GetCallerIdentity", "sts:GetCallerIdentity", "which account and role are used", optional=False),
)  # fmt: skip

_BY_CALL = {(action.service, action.operation): action for action in ACTIONS}


def iam_action(service: str, operation: str) -> str:
    """The IAM action that allows a call."""
    row = _BY_CALL.get((service, operation))
    return row.iam if row else f"{service}:{operation}"


def is_read(service: str, operation: str) -> bool:
    """Whether the connector may make this call at all: what has no row is not called."""
    return (service, operation) in _BY_CALL


def policy(*, optional: bool = True) -> Mapping[str, Any]:
    """An IAM policy document that allows what is read, on all resources."""
    rows = [row for row in ACTIONS if optional or not row.optional]
    statement = {"Sid": "ChatopsReads", "Effect": "Allow", "Action": sorted({r.iam for r in rows}), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
