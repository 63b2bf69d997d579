"""How fast does an alert say that an error budget burns? By the labels that SLO generators write, never by its text.

The factors of multi-window alerts are those of Google's SRE Workbook, chapter 5 ("Alerting on SLOs"), which Sloth,
Pyrra, OpenSLO and kube-prometheus use, too: how much faster errors come than the budget allows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.domain.alert import Alert

FAST = 10.0
"""From this factor on a month's budget is gone within three days."""
_FACTORS = {"1h": 14.4, "2h": 14.4, "6h": 6.0, "12h": 6.0, "1d": 3.0, "24h": 3.0, "2d": 3.0, "3d": 1.0, "4d": 1.0}
"""The long window of a multi-window alert → its factor."""
_WINDOWS = ("long", "long_window", "longwindow", "window_long")
_RATES = ("burn_rate", "burnrate", "burn_rate_factor", "slo_burn_rate", "error_budget_burn_rate")
_SEVERITIES = {"page": 14.4, "critical": 14.4, "ticket": 3.0, "warning": 3.0}
_BY_SEVERITY = ("sloth_severity", "grafana_slo_severity")
_NAMED = re.compile(r"(Error)?Budget.?Burn|Burn.?Rate|SLO.?Burn", re.IGNORECASE)
_SLO = ("slo", "sloth_slo", "sloth_id", "slo_name", "grafana_slo_uuid", "openslo")


def burn(alert: Alert) -> float:
    """The factor by which the budget burns too fast; 0 where the alert is not about one."""
    told = {**alert.annotations, **alert.labels}
    for name in _RATES:
        if (factor := _number(told.get(name, ""))) > 0:
            return factor
    for name in _BY_SEVERITY:
        if factor := _SEVERITIES.get(alert.labels.get(name, "").lower(), 0.0):
            return factor
    if not (_NAMED.search(alert.name) or any(alert.labels.get(name) for name in _SLO)):
        return 0.0
    window = next((alert.labels[name] for name in _WINDOWS if alert.labels.get(name)), "")
    return _FACTORS.get(window) or (14.4 if alert.severity == "critical" else 3.0)


def fastest(alerts: Sequence[Alert]) -> float:
    """The fastest burn that any of the firing alerts tells of."""
    return max((burn(alert) for alert in alerts if alert.status == "firing"), default=0.0)


def _number(text: str) -> float:
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*x?\s*$", text)
    return float(found[1]) if found else 0.0
