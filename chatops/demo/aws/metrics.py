"""What would CloudWatch say? Alarms, their history, and metrics by period and statistic."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chatops.demo.prometheus.functions import quantile
from chatops.demo.shapes import seed
from chatops.demo.world import Alarm, Metric, World

Params = Mapping[str, Any]
Answer = dict[str, Any]
POINT = 60.0
"""Seconds between the values that services send."""


class AwsError(Exception):
    """An error answer: AWS' code and message."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def when(stamp: float) -> datetime:
    """A time as the encoders know it."""
    return datetime.fromtimestamp(stamp, UTC)


def seconds(value: Any) -> float:
    """A time of a request: CBOR gives datetimes, JSON numbers, the query protocol ISO texts."""
    if isinstance(value, datetime):
        return value.timestamp()
    try:
        return float(value)
    except ValueError:
        return datetime.fromisoformat(str(value)).timestamp()


def _state(alarm: Alarm) -> str:
    return "OK" if alarm.since is None else "ALARM"


def _reason(world: World, alarm: Alarm) -> str:
    if alarm.since is None:
        return "Threshold Crossed: 3 datapoints were not breaching"
    value = _statistic(alarm.metric, alarm.since - alarm.period, alarm.period, alarm.statistic, math.inf)
    sign = {"GreaterThanThreshold": "greater", "LessThanThreshold": "less"}.get(alarm.comparison, "beyond")
    at = when(alarm.since).strftime("%d/%m/%y %H:%M:%S")
    return f"Threshold Crossed: 1 datapoint [{value:.1f} ({at})] was {sign} than the threshold ({alarm.threshold})."


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]


def _alarm(world: World, alarm: Alarm) -> Answer:
    changed = alarm.since if alarm.since is not None else world.began - 3 * 86400
    cloud = world.cloud
    return {
        "AlarmName": alarm.name,
        "AlarmArn": f"arn:aws:cloudwatch:{cloud.region}:{cloud.account}:alarm:{alarm.name}",
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": when(world.began - 60 * 86400),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "StateValue": _state(alarm),
        "StateReason": _reason(world, alarm),
        "StateUpdatedTimestamp": when(changed),
        "StateTransitionedTimestamp": when(changed),
        "MetricName": alarm.metric.name,
        "Namespace": alarm.metric.namespace,
        "Statistic": alarm.statistic,
        "Dimensions": _dimensions(alarm.metric),
        "Period": alarm.period,
        "EvaluationPeriods": 1,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": "missing",
    }


def describe_alarms(world: World, params: Params, _now: float) -> Answer:
    """`DescribeAlarms` by name, prefix and state."""
    names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix", "")
    chosen = [
        alarm
        for alarm in world.cloud.alarms
        if (not names or alarm.name in names)
        and alarm.name.startswith(prefix)
        and params.get("StateValue", _state(alarm)) == _state(alarm)
    ]
    return {"MetricAlarms": [_alarm(world, a) for a in chosen], "CompositeAlarms": []}


def describe_alarm_history(world: World, params: Params, _now: float) -> Answer:
    """`DescribeAlarmHistory`: the change into ALARM of what is in ALARM."""
    wanted = params.get("AlarmName")
    start, end = seconds(params.get("StartDate", 0)), seconds(params.get("EndDate", 4e9))
    items = []
    for alarm in world.cloud.alarms:
        if alarm.since is None or wanted not in (None, alarm.name) or not start <= alarm.since <= end:
            continue
        data = {
            "oldState": {"stateValue": "OK"},
            "newState": {"stateValue": "ALARM", "stateReason": _reason(world, alarm)},
        }
        items.append(
            {
                "AlarmName": alarm.name,
                "AlarmType": "MetricAlarm",
                "Timestamp": when(alarm.since),
                "HistoryItemType": "StateUpdate",
                "HistorySummary": "Alarm updated from OK to ALARM",
                "HistoryData": json.dumps(data),
            }
        )
    return {"AlarmHistoryItems": items}


def list_metrics(world: World, params: Params, _now: float) -> Answer:
    """`ListMetrics` by namespace, name and dimensions."""
    asked = {d["Name"]: d.get("Value") for d in params.get("Dimensions", ())}
    rows = [
        {"Namespace": m.namespace, "MetricName": m.name, "Dimensions": _dimensions(m)}
        for m in world.cloud.metrics
        if params.get("Namespace", m.namespace) == m.namespace
        and params.get("MetricName", m.name) == m.name
        and all(name in m.dimensions and value in (None, m.dimensions[name]) for name, value in asked.items())
    ]
    return {"Metrics": rows}


def _find(world: World, namespace: str, name: str, dimensions: Sequence[Params]) -> Metric | None:
    """The metric of exactly these dimensions: CloudWatch knows no subsets."""
    exact = {d["Name"]: d["Value"] for d in dimensions}
    for metric in world.cloud.metrics:
        if (metric.namespace, metric.name, dict(metric.dimensions)) == (namespace, name, exact):
            return metric
    return None


_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": statistics.fmean,
    "Maximum": max,
    "Minimum": min,
    "Sum": math.fsum,
    "SampleCount": lambda values: float(len(values)),
}


def _statistic(metric: Metric, start: float, period: float, name: str, now: float) -> float | None:
    number = seed(f"{metric.namespace}{metric.name}{sorted(metric.dimensions.items())}")
    moments = [start + i * POINT for i in range(max(1, int(period / POINT)))]
    found = [metric.shape.at(t, number) for t in moments if t <= now]
    values = [v for v in found if v is not None]
    if not values:
        return None
    if name in _STATISTICS:
        return _STATISTICS[name](values)
    if name[:1] == "p" and name[1:].replace(".", "", 1).isdigit():
        return quantile(float(name[1:]) / 100, values)
    raise AwsError("ValidationError", f"The statistic {name} is not supported")


def _points(metric: Metric, params: Params, period: float, name: str, now: float) -> list[tuple[float, float]]:
    start = seconds(params["StartTime"]) // period * period
    end, found = min(seconds(params["EndTime"]), now), []
    while start < end:
        value = _statistic(metric, start, period, name, now)
        if value is not None:
            found.append((start, value))
        start += period
    return found


def get_metric_data(world: World, params: Params, now: float) -> Answer:
    """`GetMetricData` for metric statistics; expressions are refused, never answered wrongly."""
    results = []
    for query in params["MetricDataQueries"]:
        stat = query.get("MetricStat")
        if stat is None:
            raise AwsError("ValidationError", f"Error in expression '{query.get('Id')}': not supported here")
        asked = stat["Metric"]
        metric = _find(world, asked["Namespace"], asked["MetricName"], asked.get("Dimensions", ()))
        points = _points(metric, params, float(stat["Period"]), stat["Stat"], now) if metric else []
        if params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            points.reverse()
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label", asked["MetricName"]),
                "Timestamps": [when(t) for t, _ in points],
                "Values": [v for _, v in points],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


def get_metric_statistics(world: World, params: Params, now: float) -> Answer:
    """`GetMetricStatistics`."""
    metric = _find(world, params["Namespace"], params["MetricName"], params.get("Dimensions", ()))
    rows: dict[float, Answer] = {}
    for name in params.get("Statistics", ()) if metric else ():
        for at, value in _points(metric, params, float(params["Period"]), name, now) if metric else ():
            unit = metric.unit if metric else "None"
            rows.setdefault(at, {"Timestamp": when(at), "Unit": unit})[name] = value
    return {"Label": params["MetricName"], "Datapoints": list(rows.values())}
