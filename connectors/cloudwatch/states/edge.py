"""What do Route 53's checkers and CloudFront say of what the world sees first?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged
from connectors.cloudwatch.targets import Target
from connectors.contract import ConnectorError
from connectors.evidence import Observation, Role, Topology

_CHECK = "edge"


async def health_check(aws: Aws, target: Target) -> Observation:
    """What Route 53's checkers see."""
    asked: dict[str, Any] = {"HealthCheckId": target.name}
    answer = await aws.call("route53", "GetHealthCheckStatus", **asked)
    rows = [
        (str(one.get("Region")), str((one.get("StatusReport") or {}).get("Status") or ""))
        for one in answer.get("HealthCheckObservations") or ()
    ]
    failing = [row for row in rows if not row[1].startswith("Success")]
    summary = f"{len(failing)} of {len(rows)} checkers of health check {target.name} fail"
    summary += f": {failing[0][1]}" if failing else ""
    query = aws.query("route53", "GetHealthCheckStatus", asked)
    about = evidence(_CHECK, target.subject, summary[:120], summary, query, failing or rows, ("region", "status"))
    if len(failing) * 5 <= len(rows):
        return Observation(evidence=(about,))
    # Route 53 itself takes an endpoint for unhealthy when more than 18 % of its checkers fail.
    # What most of the world cannot reach is down, whatever is behind it; what a part cannot may be the part's network.
    down = len(failing) * 2 > len(rows)
    found = judged("TargetDown", about, summary, 0.55 if down else 0.5, role=Role.CAUSE if down else Role.SYMPTOM,
                   rule="Route53")  # fmt: skip
    host, note = await _endpoint(aws, asked)
    behind = Topology(reaches=((target.subject, host),)) if host else None
    return Observation(evidence=(about,), findings=(found,), topology=behind, partial=note)


async def _endpoint(aws: Aws, asked: Mapping[str, Any]) -> tuple[str, str]:
    """The host that a health check asks, or why that is not known."""
    try:
        answer = await aws.call("route53", "GetHealthCheck", **asked)
    except ConnectorError as error:
        return "", f"what it checks: {error.brief}"
    config = (answer.get("HealthCheck") or {}).get("HealthCheckConfig") or {}
    return str(config.get("FullyQualifiedDomainName") or "").lower(), ""


async def distribution(aws: Aws, target: Target) -> Observation:
    """A distribution's status and its origins."""
    asked: dict[str, Any] = {"Id": target.name}
    described = (await aws.call("cloudfront", "GetDistribution", **asked)).get("Distribution") or {}
    config = described.get("DistributionConfig") or {}
    enabled, status = bool(config.get("Enabled")), str(described.get("Status") or "unknown")
    origins = [(str(o.get("Id")), str(o.get("DomainName"))) for o in (config.get("Origins") or {}).get("Items") or ()]
    on = "enabled" if enabled else "disabled"
    summary = f"Distribution {target.name} is {status} and {on}; origins: {', '.join(name for _, name in origins)}"
    query = aws.query("cloudfront", "GetDistribution", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {status}, {on}", summary, query, origins)
    behind = Topology(reaches=tuple((target.subject, name.lower()) for _, name in origins))
    found = () if enabled else (judged("ConfigChange", about, summary, 0.7, rule="Distribution"),)
    return Observation(evidence=(about,), findings=found, topology=behind)
