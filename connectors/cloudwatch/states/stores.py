"""In what state is this search domain, file system or certificate?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import utc
from connectors.cloudwatch.states.state import evidence, judged
from connectors.cloudwatch.targets import Target
from connectors.contract import Window
from connectors.evidence import Observation

_CHECK = "stores"
_UNFIT = ("EXPIRED", "REVOKED", "FAILED", "VALIDATION_TIMED_OUT")


async def search_domain(aws: Aws, target: Target) -> Observation:
    """A domain's size, and whether AWS is changing it."""
    asked: dict[str, Any] = {"DomainName": target.name}
    told = (await aws.call("opensearch", "DescribeDomain", **asked)).get("DomainStatus") or {}
    nodes, disk = told.get("ClusterConfig") or {}, told.get("EBSOptions") or {}
    state = "deleted" if told.get("Deleted") else "being changed" if told.get("Processing") else "active"
    rows = [
        ("state", state),
        ("engine", str(told.get("EngineVersion"))),
        ("nodes", f"{nodes.get('InstanceCount', '?')} × {nodes.get('InstanceType', '?')}"),
        ("volume", f"{disk.get('VolumeSize', '?')} GiB a node"),
    ]
    summary = f"Search domain {target.name} is {state}: " + ", ".join(value for _, value in rows[1:])
    query = aws.query("opensearch", "DescribeDomain", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", f"{summary}.", query, rows)
    if state != "deleted":
        return Observation(evidence=(about,))
    return Observation(evidence=(about,), findings=(judged("DependencyUnavailable", about, summary, 0.85),))


async def file_system(aws: Aws, target: Target) -> Observation:
    """A file system's size and how its throughput is set."""
    asked: dict[str, Any] = {"FileSystemId": target.name}
    found = (await aws.call("efs", "DescribeFileSystems", **asked)).get("FileSystems") or ()
    told: Mapping[str, Any] = next(iter(found), {})
    state = str(told.get("LifeCycleState") or "unknown")
    size = (told.get("SizeInBytes") or {}).get("Value") or 0
    rows = [
        ("state", state),
        ("throughput", str(told.get("ThroughputMode") or "bursting")),
        ("performance", str(told.get("PerformanceMode") or "generalPurpose")),
        ("size", f"{size / 1024**3:.3g} GiB"),
        ("mount targets", str(told.get("NumberOfMountTargets"))),
    ]
    summary = f"File system {target.name} is {state}: " + ", ".join(f"{name} {value}" for name, value in rows[1:])
    query = aws.query("efs", "DescribeFileSystems", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", f"{summary}.", query, rows)
    if state in ("available", "updating"):
        return Observation(evidence=(about,))
    return Observation(evidence=(about,), findings=(judged("DependencyUnavailable", about, summary, 0.85),))


async def certificate(aws: Aws, target: Target, window: Window) -> Observation:
    """Until when a certificate is good, and who uses it."""
    asked: dict[str, Any] = {"CertificateArn": target.dimensions[0][1]}
    told = (await aws.call("acm", "DescribeCertificate", **asked)).get("Certificate") or {}
    until, status = utc(told.get("NotAfter")), str(told.get("Status") or "unknown")
    domain, users = str(told.get("DomainName") or target.name), [str(one) for one in told.get("InUseBy") or ()]
    over = status in _UNFIT or bool(until and until <= window.end)
    ended = "ended" if until and until <= window.end else "ends"
    when = f"it {ended} on {until.astimezone(UTC):%Y-%m-%d %H:%M UTC}" if until else "its end is not known"
    renewal = str((told.get("RenewalSummary") or {}).get("RenewalStatus") or told.get("RenewalEligibility") or "?")
    rows = [
        ("status", status),
        ("until", str(until or "?")),
        ("renewal", renewal),
        ("used by", ", ".join(users) or "-"),
    ]
    summary = f"The certificate of {domain} is {status}: {when}; used by {len(users)} resources"
    query = aws.query("acm", "DescribeCertificate", asked)
    about = evidence(_CHECK, target.subject, f"Certificate of {domain} is {status}", f"{summary}.", query, rows)
    if not over:
        return Observation(evidence=(about,))
    onset: datetime | None = until if until and until <= window.end else None
    return Observation(
        evidence=(about,), findings=(judged("CertificateExpired", about, summary, 0.9, onset=onset, rule="AcmStatus"),)
    )
