"""How does the demo's Alertmanager tell of an alert? Version 4 of its webhook, as the real one writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote_plus

from chatops.demo.world import Rule, Trigger

NEVER = "0001-01-01T00:00:00Z"


def _stamp(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fingerprint(labels: Mapping[str, str]) -> str:
    """Sixteen hexadecimal digits that identify a label set."""
    return hashlib.sha256(json.dumps(sorted(labels.items())).encode()).hexdigest()[:16]


def webhook(rule: Rule, labels: Mapping[str, str], began: float, ended: float | None = None) -> Trigger:
    """The webhook of one alert of a rule: firing since `began`, or resolved at `ended`."""
    status: Literal["firing", "resolved"] = "firing" if ended is None else "resolved"
    every = {"alertname": rule.name, **rule.labels, **labels}
    grouping = {k: every[k] for k in ("alertname", "namespace") if k in every}
    alert = {
        "status": status,
        "labels": every,
        "annotations": dict(rule.annotations),
        "startsAt": _stamp(began),
        "endsAt": NEVER if ended is None else _stamp(ended),
        "generatorURL": f"http://prometheus.example.com/graph?g0.expr={quote_plus(rule.expr)}&g0.tab=1",
        "fingerprint": fingerprint({**every, "began": str(int(began))}),
    }
    inner = ", ".join(f'{k}="{v}"' for k, v in grouping.items())
    body = {
        "version": "4",
        "groupKey": f"{{}}:{{{inner}, began={int(began)}}}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "chatops",
        "groupLabels": grouping,
        "commonLabels": every,
        "commonAnnotations": dict(rule.annotations),
        "externalURL": "http://alertmanager.example.com",
        "alerts": [alert],
    }
    return Trigger("/webhooks/alertmanager", body)


def resolved(trigger: Trigger, ended: float) -> dict[str, Any]:
    """The same webhook once its alert has ended."""
    alerts = [{**a, "status": "resolved", "endsAt": _stamp(ended)} for a in trigger.body["alerts"]]
    return {**trigger.body, "status": "resolved", "alerts": alerts}
