"""What would the services behind the resources say? RDS, ECS, Lambda, CloudTrail and STS, as far as anybody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatops.demo.aws.metrics import Answer, AwsError, Params, seconds, when
from chatops.demo.world import World


def get_caller_identity(world: World, _params: Params, _now: float) -> Answer:
    """`sts:GetCallerIdentity`."""
    account = world.cloud.account
    return {
        "UserId": "AROADEMO:chatops",
        "Account": account,
        "Arn": f"arn:aws:sts::{account}:assumed-role/chatops/demo",
    }


def describe_db_instances(world: World, params: Params, _now: float) -> Answer:
    """`rds:DescribeDBInstances`, all or one by its identifier."""
    wanted = params.get("DBInstanceIdentifier")
    rows = [dict(d) for d in world.cloud.databases if wanted in (None, d["DBInstanceIdentifier"])]
    if wanted and not rows:
        raise AwsError("DBInstanceNotFound", f"DBInstance {wanted} not found.", 404)
    return {"DBInstances": rows}


def describe_db_clusters(_world: World, _params: Params, _now: float) -> Answer:
    """`rds:DescribeDBClusters`: the shop has none."""
    return {"DBClusters": []}


def describe_db_parameters(_world: World, _params: Params, _now: float) -> Answer:
    """`rds:DescribeDBParameters`: the one parameter that somebody set."""
    row = {"ParameterName": "max_connections", "ParameterValue": "200", "Source": "user", "IsModifiable": "true"}
    return {"Parameters": [row]}


def describe_events(world: World, params: Params, _now: float) -> Answer:
    """`rds:DescribeEvents` of one source or all."""
    wanted = params.get("SourceIdentifier")
    return {"Events": [dict(e) for e in world.cloud.database_events if wanted in (None, e["SourceIdentifier"])]}


def describe_stacks(_world: World, _params: Params, _now: float) -> Answer:
    """`cloudformation:DescribeStacks`: the shop is not made by stacks."""
    return {"Stacks": []}


def get_service_graph(_world: World, params: Params, _now: float) -> Answer:
    """`xray:GetServiceGraph`: nothing is traced."""
    return {"StartTime": params.get("StartTime"), "EndTime": params.get("EndTime"), "Services": []}


def describe_cluster(_world: World, params: Params, _now: float) -> Answer:
    """`eks:DescribeCluster`: the shop's cluster is not EKS."""
    raise AwsError("ResourceNotFoundException", f"No cluster found for name: {params['name']}.", 404)


def list_clusters(_world: World, _params: Params, _now: float) -> Answer:
    """`ecs:ListClusters`: the shop runs on Kubernetes."""
    return {"clusterArns": []}


def describe_services(world: World, params: Params, _now: float) -> Answer:
    """`ecs:DescribeServices` by name."""
    known = {s["serviceName"]: dict(s) for s in world.cloud.services}
    asked = list(params.get("services", ()))
    missing = [{"arn": name, "reason": "MISSING"} for name in asked if name not in known]
    return {"services": [known[name] for name in asked if name in known], "failures": missing}


def list_functions(world: World, _params: Params, _now: float) -> Answer:
    """`lambda:ListFunctions`."""
    return {"Functions": [dict(f) for f in world.cloud.functions]}


def get_function_configuration(world: World, params: Params, _now: float) -> Answer:
    """`lambda:GetFunctionConfiguration`."""
    name = params["FunctionName"]
    for function in world.cloud.functions:
        if name in (function["FunctionName"], function["FunctionArn"]):
            return {"State": "Active", "LastUpdateStatus": "Successful", **function}
    raise AwsError("ResourceNotFoundException", f"Function not found: {name}", 404)


def get_function_concurrency(_world: World, _params: Params, _now: float) -> Answer:
    """`lambda:GetFunctionConcurrency`: none is reserved."""
    return {}


def lookup_events(world: World, params: Params, _now: float) -> Answer:
    """`cloudtrail:LookupEvents` by time and attributes."""
    start, end = seconds(params.get("StartTime", 0)), seconds(params.get("EndTime", 4e9))
    asked = {a["AttributeKey"]: a["AttributeValue"] for a in params.get("LookupAttributes", ())}
    rows = [e for e in world.cloud.trail if start <= e["EventTime"] <= end and _fits(e, asked)]
    return {"Events": [{**e, "EventTime": when(e["EventTime"])} for e in rows]}


def _fits(event: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    names = {r["ResourceName"] for r in event.get("Resources", ())}
    kinds = {r["ResourceType"] for r in event.get("Resources", ())}
    have = {
        "ResourceName": names,
        "ResourceType": kinds,
        "ReadOnly": {event["ReadOnly"]},
        "EventName": {event["EventName"]},
        "EventSource": {event["EventSource"]},
        "Username": {event["Username"]},
    }
    return all(value in have.get(key, set()) for key, value in asked.items())


def nothing_of(field: str) -> Callable[[World, Params, float], Answer]:
    """A list of what the shop has none of."""
    return lambda _world, _params, _now: {field: []}


def none_named(code: str, option: str) -> Callable[[World, Params, float], Answer]:
    """A question for one thing by its name: the shop has none of its kind."""

    def refuse(_world: World, params: Params, _now: float) -> Answer:
        raise AwsError(code, f"There is no {params.get(option)}.")

    return refuse
