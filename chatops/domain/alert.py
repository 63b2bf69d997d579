"""What fired: one type for every source of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from connectors.contract import FiringAlert
from connectors.evidence import Value

Severity = Literal["critical", "error", "warning", "info"]


class Alert(Value):
    """One alert as its source tells it; `fingerprint` identifies it across re-sends, never its text."""

    fingerprint: str
    """Stable for the same alert (labels), unique among sources: `alertmanager:c0ffee…`."""
    source: str
    """alertmanager, grafana, cloudwatch, pagerduty …"""
    name: str
    status: Literal["firing", "resolved"] = "firing"
    severity: Severity = "warning"
    summary: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    starts_at: datetime
    ends_at: datetime | None = None
    generator_url: str = ""
    runbook_url: str = ""
    link: str = ""
    """Where a person looks at it: the dashboard, the console."""
    group_key: str = ""
    """The source's own grouping; alerts of one group belong to one incident."""
    channel: str = ""
    """Where it was told already, where it came as a message of another app: it is answered there."""
    message: str = ""
    """That message's ts."""

    def firing(self) -> FiringAlert:
        """What connectors may know of it."""
        return FiringAlert(
            name=self.name,
            source=self.source,
            labels=self.labels,
            annotations=self.annotations,
            starts_at=self.starts_at,
            generator_url=self.generator_url,
        )
