import pytest

from chatops.demo.aws import logs as aws_logs
from chatops.demo.aws.metrics import AwsError
from chatops.demo.incidents.orders_database import build

NOW = 1_700_000_100.0
WORLD = build(NOW)
GROUP = "/aws/rds/instance/orders-db/postgresql"


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("", True),
        ("ERROR", True),
        ("ERROR nope", False),
        ("?nope ?ERROR", True),
        ('"two words"', True),
        ("-ERROR", False),
        ("%tw[o]%", True),
        ("?nope ?other", False),
    ],
)
def test_filter_patterns(pattern: str, matches: bool) -> None:
    assert aws_logs.filter_pattern(pattern)("ERROR in two words") is matches


def test_events_are_paged_in_order() -> None:
    params = {"logGroupName": GROUP, "filterPattern": "FATAL", "limit": 50}
    first = aws_logs.filter_log_events(WORLD, params, NOW)
    second = aws_logs.filter_log_events(WORLD, {**params, "nextToken": first["nextToken"]}, NOW)
    stamps = [event["timestamp"] for event in first["events"] + second["events"]]
    assert len(stamps) == 100
    assert stamps == sorted(stamps)
    assert max(stamps) <= NOW * 1000


def test_a_group_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AwsError, match="does not exist"):
        aws_logs.filter_log_events(WORLD, {"logGroupName": "nope"}, NOW)


def insights(query: str) -> list[list[dict[str, str]]]:
    engine = aws_logs.Insights()
    params = {"logGroupName": GROUP, "startTime": NOW - 3600, "endTime": NOW, "queryString": query}
    identity = engine.start_query(WORLD, params, NOW)["queryId"]
    rows: list[list[dict[str, str]]] = engine.get_query_results(WORLD, {"queryId": identity}, NOW)["results"]
    return rows


def test_insights_filters_sorts_limits_and_counts() -> None:
    rows = insights("fields @timestamp, @message | filter @message like /(?i)fatal/ | sort @timestamp desc | limit 3")
    assert len(rows) == 3
    assert all("FATAL" in cell["value"] for row in rows for cell in row if cell["field"] == "@message")
    (total,) = insights('filter @message like "FATAL" | stats count(*) as n')
    binned = insights('filter @message like "FATAL" | stats count(*) as n by bin(5m)')
    assert sum(int(row[1]["value"]) for row in binned) == int(total[0]["value"])


@pytest.mark.parametrize("query", ["parse @message '*' as x", "stats avg(x)", "filter x = 1"])
def test_insights_refuses_what_it_does_not_know(query: str) -> None:
    with pytest.raises(AwsError):
        insights(query)
