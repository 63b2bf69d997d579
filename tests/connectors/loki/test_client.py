from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.loki.client import Loki, command
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn

ENTRY = [str(int(o.ONSET.timestamp() * 1e9)), "refused"]


@pytest.fixture
async def client(server: HttpStandIn) -> Any:
    made = Loki(o.api(server, external_url="https://grafana.acme.example"))
    yield made
    await made.aclose()


def result(kind: str, *rows: Any) -> Any:
    return lambda _: {"status": "success", "data": {"resultType": kind, "result": list(rows)}}


async def test_an_empty_loki_has_no_labels_and_another_answer_is_an_error(client: Loki, server: HttpStandIn) -> None:
    server.answer = lambda _: {"status": "success"}
    assert await client.labels(o.ONSET, o.ONSET) == ()
    server.answer = lambda _: {"data": "app"}
    await o.garbage(client.labels(o.ONSET, o.ONSET))
    server.answer = lambda _: {"data": ["b", "a"]}
    assert await client.label_values("a/b", o.ONSET, o.ONSET) == ("a", "b")
    assert server.requests[-1].path == "/loki/api/v1/label/a/b/values"


async def test_a_query_for_lines_that_yields_numbers_is_refused(client: Loki, server: HttpStandIn) -> None:
    server.answer = result("matrix")
    with pytest.raises(ConnectorError, match="no lines") as caught:
        await client.lines("rate({app='x'}[1m])", o.ONSET, o.ONSET, 10)
    assert caught.value.kind == "rejected"
    server.answer = result("streams")
    with pytest.raises(ConnectorError, match="no numbers"):
        await client.series("{app='x'}", o.ONSET, o.ONSET, 60)


async def test_lines_and_series_of_another_shape_are_errors(client: Loki, server: HttpStandIn) -> None:
    server.answer = result("streams", {"stream": {}, "values": [["soon", "x"]]})
    assert "a stream of another shape" in await o.garbage(client.lines("{}", o.ONSET, o.ONSET, 10))
    server.answer = result("matrix", {"metric": {}, "values": [[1]]})
    assert "a series of another shape" in await o.garbage(client.series("{}", o.ONSET, o.ONSET, 60))
    server.answer = lambda _: {"data": {"resultType": "streams"}}
    await o.garbage(client.lines("{}", o.ONSET, o.ONSET, 10))


async def test_a_line_says_who_wrote_it_and_a_series_what_it_counts(client: Loki, server: HttpStandIn) -> None:
    server.answer = result("streams", {"stream": {"app": "cart", "pod": "cart-1"}, "values": [ENTRY]})
    found = await client.lines("{}", o.ONSET, o.ONSET, 1, latest=True)
    assert [(line.at, line.text, line.by) for line in found.lines] == [(o.ONSET, "refused", "cart-1")]
    assert (found.cut, server.requests[-1].params["direction"]) == (True, "backward")
    server.answer = result(
        "matrix", {"metric": {}, "values": [[1, "2"]]}, {"metric": {"b": "2", "a": "1"}, "values": []}
    )
    assert [one.name for one in await client.series("x", o.ONSET, o.ONSET, 60, "lines")] == ["lines", "a=1, b=2"]


def test_the_command_repeats_the_question_in_a_shell() -> None:
    asked = command("{app='x'} |= \"a b\"", o.ONSET, o.ONSET, 5)
    assert asked.endswith(f"--from={o.at(0)} --to={o.at(0)} --limit=5 --forward")
    assert "--forward" not in command("{}", o.ONSET, o.ONSET, 5, latest=True)


async def test_only_a_grafana_has_a_page_for_a_query(client: Loki, server: HttpStandIn) -> None:
    assert client.link("{}", o.ONSET, o.ONSET).startswith("https://grafana.acme.example/explore?left=%7B%22datasource")
    alone = Loki(o.api(server))
    assert alone.link("{}", o.ONSET, o.ONSET) == ""
    await alone.aclose()
