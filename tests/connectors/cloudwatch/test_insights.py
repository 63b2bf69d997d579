"""Logs Insights: only reading stages pass, and a query is waited for, or stopped."""

from collections.abc import Mapping
from typing import Any

import anyio
import pytest

from connectors.cloudwatch import insights
from connectors.cloudwatch.insights import guarded, stages
from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Account, serving
from tests.connectors.cloudwatch.world import NOW, ONSET, client, no_sleep


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("fields a | limit 5", ["fields a", "limit 5"]),
        ('filter @message = "a|b" | limit 5', ['filter @message = "a|b"', "limit 5"]),
        ("filter @message like /a|b/ | limit 5", ["filter @message like /a|b/", "limit 5"]),
        (r"filter @message =~ /a\/|b/ | limit 5", [r"filter @message =~ /a\/|b/", "limit 5"]),
        ("parse @message /(?<a>x|y)/ | stats count() by a", ["parse @message /(?<a>x|y)/", "stats count() by a"]),
        ("stats sum(a)/sum(b) | sort c/d", ["stats sum(a)/sum(b)", "sort c/d"]),
        ("fields `a|b`, 'c|d'", ["fields `a|b`, 'c|d'"]),
    ],
)
def test_stages_are_split_outside_of_quotes(query: str, parts: list[str]) -> None:
    assert stages(query) == parts


@pytest.mark.parametrize(
    "query",
    [
        "fields @message | unmask @message",
        "fields @timestamp, unmask(@message)",
        "FIELDS UnMask(@message)",
        "stats count()/2 | unmask @message | sort a/b",
        "SOURCE logGroups() | fields @message",
        "fields a | join type=left",
        "fields a | anomaly",
        "fields a | ",
        "| fields a",
        "fields a ; delete",
        "filter @message = 'open",
        "",
        "SELECT * FROM logs",
        "filter a like /x | unmask",
    ],
)
def test_what_does_more_than_read_is_refused(query: str) -> None:
    if query == "fields a ; delete":
        # One stage as CloudWatch reads it: it will be rejected there as a syntax error, nothing is deleted.
        assert guarded(query).startswith("fields")
        return
    with pytest.raises(ValueError, match=r"not allowed|open"):
        guarded(query)


def test_a_query_without_a_limit_gets_one_and_comments_go() -> None:
    assert guarded("# unusual\nfields a") == "fields a | limit 200"
    assert guarded("fields a | limit 5") == "fields a | limit 5"


def account(*statuses: str) -> Account:
    left = list(statuses)

    def results(_: Mapping[str, Any]) -> Mapping[str, Any]:
        status = left.pop(0) if len(left) > 1 else left[0]
        rows = [[{"field": "@message", "value": "boom"}, {"field": "@ptr", "value": "x"}]]
        return {"status": status, "results": rows, "statistics": {"recordsMatched": 7.0}}

    return Account({("logs", "StartQuery"): {"queryId": "q1"}, ("logs", "GetQueryResults"): results,
                    ("logs", "StopQuery"): {"success": True}})  # fmt: skip


async def test_a_query_is_waited_for() -> None:
    with serving(account("Scheduled", "Running", "Complete")) as served:
        aws = client(served.url)
        table = await insights.run(aws, ["/g"], "fields a", ONSET, NOW, deadline=5, sleep=no_sleep)
        aws.close()
    assert (table.columns, table.rows, table.matched) == (("@message",), (("boom",),), 7)
    assert len(served.asked("GetQueryResults")) == 3
    assert served.asked("StopQuery") == []


async def test_a_query_that_does_not_end_is_stopped() -> None:
    with serving(account("Running")) as served:
        aws = client(served.url)
        with pytest.raises(ConnectorError, match="stopped") as caught:
            await insights.run(aws, ["/g"], "fields a", ONSET, NOW, deadline=0.3, sleep=anyio.sleep)
        aws.close()
    assert caught.value.kind == "timeout"
    assert served.asked("StopQuery") == [{"queryId": "q1"}]


async def test_a_query_nobody_waits_for_any_more_is_stopped() -> None:
    with serving(account("Running")) as served:
        aws = client(served.url)
        with anyio.move_on_after(0.3) as scope:
            await insights.run(aws, ["/g"], "fields a", ONSET, NOW, deadline=60)
        aws.close()
    assert scope.cancelled_caught
    assert len(served.asked("StopQuery")) == 1


async def test_a_query_that_fails_says_how() -> None:
    with serving(account("Failed")) as served:
        aws = client(served.url)
        with pytest.raises(ConnectorError, match="ended as Failed"):
            await insights.run(aws, ["/g"], "fields a", ONSET, NOW, deadline=5)
        aws.close()
