from __future__ import annotations

import pytest

from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import LogPatterns, ResourceState, SeriesSet
from connectors.loki.connector import LokiConnector
from connectors.loki.tools import read_labels, read_query
from tests.connectors.http_server import HttpStandIn


async def call(connector: LokiConnector, inquiry: Inquiry, name: str, **arguments: object) -> object:
    tool = next(tool for tool in connector.tools() if tool.name == name)
    found = await tool.run(inquiry, arguments)
    return found.evidence[0].body if found.evidence else found.searched


async def test_lines_come_as_patterns_from_the_incidents_namespace(
    connector: LokiConnector, inquiry: Inquiry, server: HttpStandIn
) -> None:
    body = await call(connector, inquiry, "loki_query", query='{app="cart"} |= "ERROR"')
    assert isinstance(body, LogPatterns)
    assert all("somebody" not in one.example for one in body.patterns)
    assert server.asked("query_range")[0].params["query"] == '{namespace="shop", app="cart"} |= "ERROR"'


async def test_anywhere_is_anywhere(connector: LokiConnector, inquiry: Inquiry) -> None:
    body = await call(connector, inquiry, "loki_query", query='{namespace="bank"} |= "ERROR"', anywhere=True)
    assert isinstance(body, LogPatterns)
    assert "somebody" in body.patterns[0].example


async def test_numbers_come_as_series(connector: LokiConnector, inquiry: Inquiry) -> None:
    body = await call(connector, inquiry, "loki_query", query='sum(count_over_time({app="cart"}[1m]))')
    assert isinstance(body, SeriesSet)
    assert body.series[0].points


async def test_what_does_not_parse_is_not_sent(connector: LokiConnector, inquiry: Inquiry, server: HttpStandIn) -> None:
    with pytest.raises(ConnectorError, match="not LogQL"):
        await call(connector, inquiry, "loki_query", query="{app=cart}")
    assert not server.asked("query_range")


async def test_labels_and_their_values(connector: LokiConnector, inquiry: Inquiry) -> None:
    labels = await call(connector, inquiry, "loki_labels")
    values = await call(connector, inquiry, "loki_labels", label="app")
    assert isinstance(labels, ResourceState)
    assert isinstance(values, ResourceState)
    assert (labels.rows, values.rows) == ((("app",), ("namespace",), ("pod",)), (("cart",), ("cart-db",)))


@pytest.mark.parametrize(
    ("argv", "arguments"),
    [
        (["logcli", "query", '{a="b"}'], {"query": '{a="b"}', "anywhere": True}),
        (["logcli", "query", "--since=1h", "--limit", "20", '{a="b"}', "--forward"],
         {"query": '{a="b"}', "anywhere": True, "limit": 20}),
        (["logcli", "series", "{}"], None),
        (["logcli", "query"], None),
        (["kubectl", "logs", "x"], None),
    ],
)  # fmt: skip
def test_a_command_line_becomes_arguments(argv: list[str], arguments: object) -> None:
    assert read_query(argv) == arguments


def test_the_labels_command() -> None:
    assert read_labels(["logcli", "labels"]) == {}
    assert read_labels(["logcli", "labels", "app"]) == {"label": "app"}
    assert read_labels(["logcli", "query", "app"]) is None
