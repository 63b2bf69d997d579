from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.elasticsearch.client import INDICES, Elasticsearch, Layout
from connectors.elasticsearch.searches import Body
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

MS = int(o.ONSET.timestamp() * 1000)
BODY: Body = {"size": 2}


def hits(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"hits": {"hits": [{"_source": one} for one in sources]}, **more}


def answer(request: Request) -> Any:
    return hits({"@timestamp": MS + 1000, "message": "later"}, {"@timestamp": o.at(0), "log.level": "info"})


@pytest.fixture
async def client(server: HttpStandIn) -> Any:
    made = Elasticsearch(o.api(server))
    yield made
    await made.aclose()


def test_a_layout_names_indices_and_nothing_else() -> None:
    assert Layout.read({}) == Layout(INDICES, "@timestamp", {})
    for wrong in ("logs/_delete_by_query", "_all", "../x"):
        with pytest.raises(ValueError, match="no list of indices"):
            Layout.read({"index": wrong})


async def test_times_of_either_kind_in_order(client: Elasticsearch, server: HttpStandIn) -> None:
    found = await client.lines(BODY)
    assert [line.at for line in found.lines] == [o.ONSET, o.ONSET + timedelta(seconds=1)]
    assert (found.lines[1].text, found.cut, found.partial) == ("later", True, "")
    assert server.requests[0].params["ignore_unavailable"] == "true"
    assert server.requests[0].path == f"/{INDICES}/_search"
    assert found.query == f'POST /{INDICES}/_search {{"size":2}}'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"timed_out": True}, "the time was up"),
        ({"_shards": {"failed": 2}}, "2 shards failed"),
        ({"terminated_early": True}, "not everything was looked at"),
        ({"timed_out": True, "_shards": {"failed": 1}}, "the time was up; 1 shards failed"),
        ({"_shards": None}, ""),
    ],
)
async def test_an_answer_that_is_not_whole_says_so(
    client: Elasticsearch, server: HttpStandIn, more: dict[str, Any], said: str
) -> None:
    server.answer = lambda _: hits(**more)
    found = await client.lines(BODY)
    assert (found.lines, found.cut, found.partial) == ((), False, said)


async def test_documents_without_a_time_and_counts_without_buckets_are_errors(
    client: Elasticsearch, server: HttpStandIn
) -> None:
    server.answer = lambda _: hits({"message": "when?"})
    await o.garbage(client.lines(BODY))
    assert "aggregations" in await o.garbage(client.counts(BODY, ("errors",)))


async def test_counts_are_of_all_and_by_name(client: Elasticsearch, server: HttpStandIn) -> None:
    bucket = {"key": MS, "doc_count": 5, "errors": {"doc_count": 2}}
    server.answer = lambda _: {"aggregations": {"over_time": {"buckets": [bucket]}}}
    found, _ = await client.counts(BODY, ("errors",))
    assert found == {"": [(MS / 1000, 5.0)], "errors": [(MS / 1000, 2.0)]}
