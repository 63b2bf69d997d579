from datetime import UTC, datetime

import pytest

from chatops.demo.aws import metrics as aws_metrics
from chatops.demo.incidents.orders_database import build

NOW = 1_700_000_100.0
WORLD = build(NOW)
CONNECTIONS = [{"Name": "DBInstanceIdentifier", "Value": "orders-db"}]


def query(stat: str, metric: str = "DatabaseConnections", **more: object) -> dict[str, object]:
    asked = {"Namespace": "AWS/RDS", "MetricName": metric, "Dimensions": CONNECTIONS}
    wanted = {"Id": "a", "MetricStat": {"Metric": asked, "Period": 300, "Stat": stat}}
    return {"MetricDataQueries": [wanted], "StartTime": NOW - 3600, "EndTime": NOW, **more}


def test_times_of_every_protocol_are_read() -> None:
    at = datetime(2023, 11, 14, 22, 15, tzinfo=UTC)
    assert aws_metrics.seconds(at) == aws_metrics.seconds(at.timestamp()) == aws_metrics.seconds("2023-11-14T22:15:00Z")


def test_only_what_is_in_alarm_is_in_alarm() -> None:
    found = aws_metrics.describe_alarms(WORLD, {"StateValue": "ALARM"}, NOW)["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["orders-db-connections"]
    assert "greater than the threshold (180.0)" in found[0]["StateReason"]
    assert len(aws_metrics.describe_alarms(WORLD, {}, NOW)["MetricAlarms"]) == 3
    history = aws_metrics.describe_alarm_history(WORLD, {"AlarmName": "orders-db-connections"}, NOW)
    assert len(history["AlarmHistoryItems"]) == 1


def test_metric_data_comes_newest_first_and_not_from_the_future() -> None:
    (row,) = aws_metrics.get_metric_data(WORLD, query("Maximum", EndTime=NOW + 9000), NOW)["MetricDataResults"]
    assert row["Values"][0] > 190
    assert row["Values"][-1] < 45
    assert row["Timestamps"] == sorted(row["Timestamps"], reverse=True)
    assert row["Timestamps"][0].timestamp() <= NOW


@pytest.mark.parametrize(("stat", "low", "high"), [("Average", 190, 199), ("SampleCount", 1, 5), ("p90", 190, 200)])
def test_statistics(stat: str, low: float, high: float) -> None:
    (row,) = aws_metrics.get_metric_data(WORLD, query(stat), NOW)["MetricDataResults"]
    assert low <= row["Values"][0] <= high


def test_expressions_and_unknown_statistics_are_refused_not_guessed() -> None:
    with pytest.raises(aws_metrics.AwsError):
        aws_metrics.get_metric_data(
            WORLD, {"MetricDataQueries": [{"Id": "a", "Expression": "x"}], "StartTime": 0, "EndTime": 1}, NOW
        )
    with pytest.raises(aws_metrics.AwsError):
        aws_metrics.get_metric_data(WORLD, query("TM(1%:2%)"), NOW)


def test_dimensions_must_be_exactly_the_metrics_own() -> None:
    bare = query("Maximum")
    bare["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"] = []  # type: ignore[index]
    (row,) = aws_metrics.get_metric_data(WORLD, bare, NOW)["MetricDataResults"]
    assert row["Values"] == []
    listed = aws_metrics.list_metrics(WORLD, {"Dimensions": [{"Name": "DBInstanceIdentifier"}]}, NOW)["Metrics"]
    assert len(listed) == 7
