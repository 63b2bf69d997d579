from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import ConnectorError, ConnectorSettings, Inquiry, Scope, Window
from connectors.elasticsearch.connector import ElasticsearchConnector, open_connector
from connectors.evidence import LogPatterns, Observation, SeriesSet
from tests.connectors.elasticsearch.stand_in import Index
from tests.connectors.http_server import HttpStandIn, Trouble

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def document(at: datetime, text: str, namespace: str = "shop", pod: str = "cart-7d9c6b5f4-x2x9z") -> dict[str, Any]:
    return {"@timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "log": text,
            "kubernetes.namespace_name": namespace, "kubernetes.pod_name": pod}  # fmt: skip


@pytest.fixture
def index() -> Index:
    begin = ONSET - timedelta(minutes=30)
    found = [document(begin + timedelta(seconds=10 * i), f"INFO order {i}") for i in range(300)]
    found += [document(begin + timedelta(minutes=5 * i), f"ERROR slow disk {i}") for i in range(9)]
    found += [document(ONSET + timedelta(seconds=20 + 5 * i), f"ERROR {i}: connection refused") for i in range(200)]
    for other in ({"namespace": "bank"}, {"pod": "cart-db-0"}):
        found += [document(ONSET + timedelta(seconds=i), "ERROR somebody else's", **other) for i in range(20)]
    return Index(found)


@pytest.fixture
def server(index: Index) -> Iterator[HttpStandIn]:
    served = index.serve()
    yield served
    served.close()


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[ElasticsearchConnector]:
    opened = open_connector(ConnectorSettings(options={"url": server.url, "timeout": 1.0}))
    assert opened is not None
    yield opened
    await opened.aclose()


@pytest.fixture
def inquiry() -> Inquiry:
    window = Window.ending(ONSET + timedelta(minutes=20), onset=ONSET)
    return Inquiry(scope=Scope(namespace="shop", workload="cart"), window=window)


async def run(connector: ElasticsearchConnector, inquiry: Inquiry, name: str) -> Observation:
    return await next(check for check in connector.checks(inquiry) if check.name == name).run()


async def test_what_is_new_since_the_onset_is_told_and_others_lines_are_not(
    connector: ElasticsearchConnector, inquiry: Inquiry
) -> None:
    item = (await run(connector, inquiry, "log_errors")).evidence[0]
    assert isinstance(item.body, LogPatterns)
    counts = {one.template: (one.before, one.after) for one in item.body.patterns}
    assert counts == {"ERROR <n>: connection refused": (0, 200), "ERROR slow disk <n>": (6, 3)}
    assert (item.untrusted, item.onset) == (True, ONSET + timedelta(seconds=20))


async def test_a_jump_in_the_amount_of_errors_is_a_series(connector: ElasticsearchConnector, inquiry: Inquiry) -> None:
    item = (await run(connector, inquiry, "log_volume")).evidence[0]
    assert isinstance(item.body, SeriesSet)
    assert "lines of trouble" in {one.name for one in item.body.series if one.after}


async def test_every_search_is_bounded_in_time_size_and_place(
    connector: ElasticsearchConnector, inquiry: Inquiry, server: HttpStandIn
) -> None:
    for check in connector.checks(inquiry):
        await check.run()
    await connector.tools()[0].run(inquiry, {"query": "refused", "limit": 100_000, "anywhere": True})
    for asked in server.requests:
        assert asked.path == "/logs-*,filebeat-*,logstash-*,fluent*,kubernetes-*/_search"
        assert asked.body["size"] <= 1000
        assert (asked.body["timeout"], asked.body["terminate_after"]) == ("3s", 100_000)
        assert "@timestamp" in json.dumps(asked.body["query"]["bool"]["filter"][0]["range"])
        assert "script" not in json.dumps(asked.body)


async def test_a_search_of_ones_own_stays_in_the_namespace_unless_told(
    connector: ElasticsearchConnector, inquiry: Inquiry
) -> None:
    tool = connector.tools()[0]
    near = (await tool.run(inquiry, {"query": '"ERROR somebody"'})).evidence[0]
    far = (await tool.run(inquiry, {"query": '"ERROR somebody"', "anywhere": True})).evidence[0]
    assert (near.summary[:8], far.summary[:8]) == ("20 lines", "40 lines")


async def test_what_the_servers_left_out_is_said(
    connector: ElasticsearchConnector, inquiry: Inquiry, index: Index
) -> None:
    index.extra = {"timed_out": True, "_shards": {"failed": 2}}
    found = await run(connector, inquiry, "log_errors")
    assert found.partial == "the time was up; 2 shards failed"


async def test_a_scope_without_names_reads_nothing(
    connector: ElasticsearchConnector, inquiry: Inquiry, server: HttpStandIn
) -> None:
    found = await run(connector, inquiry.model_copy(update={"scope": Scope(region="eu")}), "log_errors")
    assert found.searched
    assert not server.requests


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble(403, b'{"error": {"type": "security_exception", "reason": "no permission"}}'), "forbidden"),
        (Trouble(400, b'{"error": {"reason": "too_complex_to_determinize"}}'), "rejected"),
        (Trouble(body=b'{"hits": 3}'), "garbage"),
    ],
    ids=["forbidden", "rejected", "garbage"],
)
async def test_a_source_in_trouble_is_an_error(
    connector: ElasticsearchConnector, inquiry: Inquiry, server: HttpStandIn, trouble: Trouble, kind: str
) -> None:
    server.trouble = trouble
    with pytest.raises(ConnectorError) as caught:
        await run(connector, inquiry, "log_errors")
    assert caught.value.kind == kind


async def test_fields_and_indices_of_ones_own(server: HttpStandIn, inquiry: Inquiry) -> None:
    options = {"url": server.url, "index": "team-*", "fields": {"namespace": "team"}}
    opened = open_connector(ConnectorSettings(options=options))
    assert opened is not None
    await run(opened, inquiry, "log_errors")
    await opened.aclose()
    assert server.requests[0].path == "/team-*/_search"
    sent = json.dumps(server.requests[0].body)
    assert '{"term": {"team": "shop"}}' in sent
    assert "kubernetes.namespace_name" not in sent


@pytest.mark.parametrize("index_option", ["_all", "logs/_delete_by_query"])
def test_an_index_that_is_a_path_is_refused(index_option: str) -> None:
    with pytest.raises(ValueError, match="no list of indices"):
        open_connector(ConnectorSettings(options={"url": "http://x", "index": index_option}))


async def test_health_and_absence(connector: ElasticsearchConnector, server: HttpStandIn) -> None:
    assert [line.ok for line in await connector.health()] == [True]
    server.trouble = Trouble(401, b"who")
    assert "CHATOPS_CONNECTORS__ELASTICSEARCH__URL" in (await connector.health())[0].remedy
    assert await connector.subjects(Scope()) == ()
    assert open_connector(ConnectorSettings()) is None
