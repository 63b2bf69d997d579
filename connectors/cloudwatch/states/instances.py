"""Are these instances, volumes and gateways impaired by AWS' own account?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged
from connectors.cloudwatch.targets import Target
from connectors.evidence import Observation, Role

_CHECK = "instances"


async def instance(aws: Aws, target: Target) -> Observation:
    """Status checks and scheduled events of an instance."""
    asked: dict[str, Any] = {"InstanceIds": [target.name], "IncludeAllInstances": True}
    answer = await aws.call("ec2", "DescribeInstanceStatus", **asked)
    row = next(iter(answer.get("InstanceStatuses") or ()), None)
    if row is None:
        return Observation(searched=f"EC2 knows no instance {target.name}")
    state = str((row.get("InstanceState") or {}).get("Name"))
    checks = {
        kind: str((row.get(f"{kind}Status") or {}).get("Status")) for kind in ("System", "Instance", "AttachedEbs")
    }
    planned = [(str(e.get("Code")), str(e.get("Description") or "")) for e in row.get("Events") or ()]
    told = ", ".join(f"{kind.lower()} check {status}" for kind, status in checks.items() if status != "None")
    summary = f"{target.name} is {state}: {told}" + "".join(f"; {code}: {text}" for code, text in planned)
    rows = [("state", state), *checks.items(), *planned]
    query = aws.query("ec2", "DescribeInstanceStatus", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", summary, query, rows)
    if "impaired" in checks.values():
        return Observation(evidence=(about,), findings=(judged("CloudInstanceImpaired", about, summary, 0.88),))
    if state in ("stopped", "stopping", "terminated", "shutting-down"):
        return Observation(evidence=(about,), findings=(judged("CloudInstanceImpaired", about, summary, 0.78),))
    open_events = [code for code, text in planned if not text.startswith("[Completed]")]
    if open_events:
        return Observation(
            evidence=(about,), findings=(judged("CloudInstanceImpaired", about, summary, 0.4, role=Role.CONTEXT),)
        )
    return Observation(evidence=(about,))


async def volume(aws: Aws, target: Target) -> Observation:
    """Status of a volume."""
    asked: dict[str, Any] = {"VolumeIds": [target.name]}
    answer = await aws.call("ec2", "DescribeVolumeStatus", **asked)
    row: Mapping[str, Any] = next(iter(answer.get("VolumeStatuses") or ()), {})
    status = str((row.get("VolumeStatus") or {}).get("Status") or "unknown")
    query = aws.query("ec2", "DescribeVolumeStatus", asked)
    text = f"Volume {target.name} is {status}"
    about = evidence(_CHECK, target.subject, text, f"{text}.", query)
    if status != "impaired":
        return Observation(evidence=(about,))
    return Observation(evidence=(about,), findings=(judged("CloudInstanceImpaired", about, text, 0.85),))


async def nat_gateway(aws: Aws, target: Target) -> Observation:
    """State of a NAT gateway."""
    asked: dict[str, Any] = {"NatGatewayIds": [target.name]}
    answer = await aws.call("ec2", "DescribeNatGateways", **asked)
    row: Mapping[str, Any] = next(iter(answer.get("NatGateways") or ()), {})
    state, why = str(row.get("State") or "unknown"), str(row.get("FailureMessage") or "")
    summary = f"NAT gateway {target.name} is {state}. {why}".strip()
    query = aws.query("ec2", "DescribeNatGateways", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", summary, query)
    if state not in ("failed", "deleted", "deleting"):
        return Observation(evidence=(about,))
    return Observation(
        evidence=(about,), findings=(judged("DependencyUnavailable", about, summary, 0.85, rule="NatState"),)
    )
