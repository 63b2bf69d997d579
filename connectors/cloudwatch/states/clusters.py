"""What does EKS report about a cluster's control plane, node groups and add-ons?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged, merged
from connectors.cloudwatch.targets import Target
from connectors.evidence import Finding, Observation, Subject

_CHECK = "clusters"
_MOST = 8
"""Node groups and add-ons that are looked at."""

ISSUES: tuple[tuple[str, str, float], ...] = (
    ("AccessDenied", "CloudAccessDenied", 0.85),
    ("IamRole", "CloudAccessDenied", 0.8),
    ("IamInstanceProfile", "CloudAccessDenied", 0.8),
    ("InsufficientFreeAddresses", "InsufficientPods", 0.85),
    ("IpNotAvailable", "InsufficientPods", 0.8),
    ("InstanceLimitExceeded", "CloudQuotaExceeded", 0.88),
    ("Quota", "CloudQuotaExceeded", 0.86),
    ("AsgInstanceLaunchFailures", "ClusterAutoscalerBlocked", 0.8),
    ("AutoScalingGroup", "ClusterAutoscalerBlocked", 0.7),
    ("NodeCreationFailure", "NodeNotReady", 0.75),
    ("Unreachable", "NodeNotReady", 0.7),
    ("Ec2", "CloudDeploymentFailed", 0.65),
    ("UnhealthyAddon", "CloudDeploymentFailed", 0.5),
    ("ClusterUnreachable", "APIServerUnhealthy", 0.8),
    ("", "CloudDeploymentFailed", 0.55),
)
"""Beginnings of EKS' issue codes (the last row is any other), the cause, and how sure."""
_ADDONS = {
    "coredns": "ClusterDNSUnavailable",
    "kube-proxy": "KubeProxyUnavailable",
    "vpc-cni": "NodeNetworkUnavailable",
}
_COLUMNS = ("issue", "message")


async def cluster(aws: Aws, target: Target) -> Observation:
    """The control plane, and beside it node groups and add-ons; each may be refused on its own."""
    name = target.name
    calls = [partial(_control_plane, aws, target), partial(_groups, aws, name), partial(_addons, aws, name)]
    return await merged(calls, f"EKS' reports about {name}")


async def _control_plane(aws: Aws, target: Target) -> Observation:
    answer = await aws.call("eks", "DescribeCluster", name=target.name)
    described = answer.get("cluster") or {}
    query = aws.query("eks", "DescribeCluster", {"name": target.name})
    issues = _issues(described)
    status, version = str(described.get("status") or "unknown"), str(described.get("version") or "?")
    summary = f"EKS cluster {target.name} ({version}) is {status}{_told(issues)}."
    about = evidence(
        _CHECK, target.subject, f"{target.spoken} is {status}", summary, query, issues, ("issue", "message")
    )
    findings = [_judged(code, text, about) for code, text in issues]
    if status == "FAILED":
        findings.append(judged("APIServerUnhealthy", about, f"{target.spoken} is in the state FAILED", 0.8))
    return Observation(evidence=(about,), findings=tuple(findings))


async def _groups(aws: Aws, name: str) -> Observation:
    listed = await aws.call("eks", "ListNodegroups", clusterName=name)
    groups = [str(group) for group in listed.get("nodegroups") or ()][:_MOST]
    return await merged([partial(_group, aws, name, group) for group in groups], f"no node group in {name}")


async def _group(aws: Aws, cluster_name: str, group: str) -> Observation:
    asked: dict[str, Any] = {"clusterName": cluster_name, "nodegroupName": group}
    answer = await aws.call("eks", "DescribeNodegroup", **asked)
    described = answer.get("nodegroup") or {}
    subject = Subject(kind="NodeGroup", namespace=cluster_name, name=group)
    issues, status = _issues(described), str(described.get("status") or "unknown")
    size = described.get("scalingConfig") or {}
    summary = (
        f"Node group {group} is {status}, {size.get('desiredSize', '?')} nodes of at most {size.get('maxSize', '?')}"
    )
    query = aws.query("eks", "DescribeNodegroup", asked)
    about = evidence(_CHECK, subject, f"{subject.spoken} is {status}", summary, query, issues, ("issue", "message"))
    return Observation(evidence=(about,), findings=tuple(_judged(code, text, about) for code, text in issues))


async def _addons(aws: Aws, name: str) -> Observation:
    listed = await aws.call("eks", "ListAddons", clusterName=name)
    addons = [str(addon) for addon in listed.get("addons") or ()][:_MOST]
    return await merged([partial(_addon, aws, name, addon) for addon in addons], f"no add-on in {name}")


async def _addon(aws: Aws, cluster_name: str, addon: str) -> Observation:
    asked: dict[str, Any] = {"clusterName": cluster_name, "addonName": addon}
    answer = await aws.call("eks", "DescribeAddon", **asked)
    described = answer.get("addon") or {}
    status, issues = str(described.get("status") or "unknown"), _issues(described)
    if status == "ACTIVE" and not issues:
        return Observation(searched=f"add-on {addon} is active")
    subject = Subject(kind="Addon", namespace=cluster_name, name=addon)
    query = aws.query("eks", "DescribeAddon", asked)
    summary = f"Add-on {addon} is {status}{_told(issues)}."
    about = evidence(_CHECK, subject, f"{subject.spoken} is {status}", summary, query, issues, _COLUMNS)
    if status not in ("DEGRADED", "CREATE_FAILED", "UPDATE_FAILED"):
        return Observation(evidence=(about,))
    cause = _ADDONS.get(addon, "CloudDeploymentFailed")
    return Observation(evidence=(about,), findings=(judged(cause, about, summary, 0.7, rule="EksAddon"),))


def _issues(described: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: Iterable[Mapping[str, Any]] = (described.get("health") or {}).get("issues") or ()
    return [(str(row.get("code")), str(row.get("message") or "")) for row in rows]


def _told(issues: list[tuple[str, ...]]) -> str:
    return f": {issues[0][0]}, {issues[0][1][:300]}" if issues else ""


def _judged(code: str, text: str, about: Any) -> Finding:
    _, cause, confidence = next(row for row in ISSUES if code.startswith(row[0]))
    return judged(cause, about, f"{about.subject.spoken}: {code}: {text}", confidence, rule=f"EksIssue.{code}")
