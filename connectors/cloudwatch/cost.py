"""What does each AWS service cost by the day, and which of them costs more than it used to? Cost Explorer.

Amazon takes 0.01 USD for each request, so nothing is asked unless the settings allow it (`cost_explorer: true`), and
then only where the question or an alert is about money. Figures come a day late: the last full day is compared with
the median of the days before it. That is context, and no rule draws a cause from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from statistics import median
from typing import Any

from connectors.cloudwatch.investigation import Investigation
from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import Evidence, Observation, ResourceState

_MONEY = re.compile(
    r"\b(costs?|bill(s|ed|ing)?|spend(s|ing)?|invoices?|(?<!error )(?<!error-)budgets?)\b", re.IGNORECASE
)
_DAYS = 15
_SHOWN = 12
_SEEN = 0.005
"""Amounts below half a cent are not told."""


def asked(inquiry: Inquiry) -> bool:
    """Whether the question or an alert is about money."""
    texts = [text for one in inquiry.alerts for text in (*one.labels.values(), *one.annotations.values())]
    return any(map(_MONEY.search, (inquiry.question, *texts)))


async def cost(case: Investigation) -> Observation:
    """The services whose cost changed most, by the day."""
    if not case.aws.options.cost_explorer:
        return Observation(
            searched="Cost Explorer is not asked: each request costs 0.01 USD; `connectors.cloudwatch.cost_explorer: "
            "true` allows it"
        )
    today = case.now.date()
    params: dict[str, Any] = {
        "TimePeriod": {"Start": str(today - timedelta(days=_DAYS)), "End": str(today)},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    answer = await case.aws.call("ce", "GetCostAndUsage", **params)
    query = case.aws.query("ce", "GetCostAndUsage", params)
    days, unit = _by_day(answer, query)
    if len(days) < 2:
        return Observation(searched=f"no two days of cost: {query}")
    return Observation(
        evidence=(_evidence(days, unit, query),),
        partial="more services than were read" if answer.get("NextPageToken") else "",
    )


def _by_day(answer: Mapping[str, Any], query: str) -> tuple[dict[str, dict[str, float]], str]:
    """Day → service → amount, days without any amount left out, and the currency."""
    days: dict[str, dict[str, float]] = {}
    unit = "USD"
    try:
        for day in answer.get("ResultsByTime") or ():
            amounts: dict[str, float] = {}
            for group in day.get("Groups") or ():
                told = group["Metrics"]["UnblendedCost"]
                amounts[str(group["Keys"][0])] = float(told["Amount"])
                unit = str(told.get("Unit") or unit)
            if amounts:
                days[str(day["TimePeriod"]["Start"])] = amounts
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ConnectorError("garbage", query, f"not the answer of Cost Explorer: {error!r}") from error
    return days, unit


def _evidence(days: dict[str, dict[str, float]], unit: str, query: str) -> Evidence:
    *before, last = sorted(days)
    services: defaultdict[str, list[float]] = defaultdict(list)
    for name in {name for day in days.values() for name in day}:
        services[name] = [days[day].get(name, 0.0) for day in before]
    usual = {name: median(amounts) for name, amounts in services.items()}
    now = {name: days[last].get(name, 0.0) for name in services}
    told = [name for name in services if max(now[name], usual[name]) >= _SEEN]
    order = sorted(told, key=lambda name: (-abs(now[name] - usual[name]), name))
    total, usually = sum(days[last].values()), median(sum(days[day].values()) for day in before)
    most = "; ".join(f"{name} {usual[name]:.2f} → {now[name]:.2f}" for name in order[:4])
    rows = tuple(
        (name, f"{now[name]:.2f}", f"{usual[name]:.2f}", f"{now[name] - usual[name]:+.2f}") for name in order[:_SHOWN]
    )
    return Evidence(
        key="cloudwatch/cost/services",
        source="cloudwatch",
        check="cost",
        title=f"Cost of {last} by service",
        summary=f"{total:.2f} {unit} on {last}, usually {usually:.2f} a day ({len(before)} days before; the last "
        f"days' figures may still grow). Most changed: {most}",
        query=query,
        body=ResourceState(
            columns=("service", f"{last} ({unit})", "usually", "difference"),
            rows=rows,
            omitted=max(0, len(order) - _SHOWN),
        ),
    )
