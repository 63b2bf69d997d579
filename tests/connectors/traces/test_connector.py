"""The same incident told by each of the three stores."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import ConnectorError, ConnectorSettings, Inquiry, Scope
from connectors.evidence import Observation, ResourceState, Role
from connectors.traces.connector import TracesConnector
from tests.connectors.http_server import HttpStandIn, Trouble
from tests.connectors.traces.conftest import OPENERS
from tests.connectors.traces.shop import ONSET, Store, many


async def run(connector: TracesConnector, inquiry: Inquiry, name: str) -> Observation:
    return await next(check for check in connector.checks(inquiry) if check.name == name).run()


async def test_errors_begin_at_the_last_call_and_everybody_above_suffers(
    connector: TracesConnector, inquiry: Inquiry, store: Store
) -> None:
    store.traces += many(ONSET + timedelta(minutes=1), 10, 100, refused=True)
    found = await run(connector, inquiry, "trace_errors")
    cause, *symptoms = found.findings
    assert (cause.cause, cause.subject.name, cause.role) == ("DependencyUnavailable", "redis", Role.CAUSE)
    assert "10 of 10 failed traces since the onset (0 before)" in cause.statement
    assert "connection refused" in cause.statement
    assert {one.subject.name for one in symptoms} == {"web", "cart", "payments"}
    assert {one.role for one in symptoms} == {Role.SYMPTOM}
    assert cause.rests_on == (found.evidence[0].key,)
    assert found.evidence[0].untrusted
    assert found.topology is not None
    assert set(found.topology.calls) == {("web", "cart"), ("cart", "payments"), ("payments", "redis")}


async def test_time_is_lost_where_the_wait_ends(connector: TracesConnector, inquiry: Inquiry, store: Store) -> None:
    store.traces += many(ONSET + timedelta(minutes=1), 12, 100, redis=0.9)
    found = await run(connector, inquiry, "trace_latency")
    assert (found.findings[0].cause, found.findings[0].subject.name) == ("LatencyIncrease", "redis")
    assert "payments's call to redis takes 900 ms per trace since the onset, 4 ms before" in found.findings[0].statement
    assert isinstance(found.evidence[0].body, ResourceState)
    assert found.evidence[0].body.rows[0][:5] == (
        "payments", found.evidence[0].body.rows[0][1], "redis", "4 ms", "900 ms"
    )  # fmt: skip


async def test_calm_traces_are_no_finding(connector: TracesConnector, inquiry: Inquiry, store: Store) -> None:
    store.traces += many(ONSET + timedelta(minutes=1), 12, 100)
    for name in ("trace_errors", "trace_latency"):
        found = await run(connector, inquiry, name)
        assert (found.findings, found.evidence) == ((), ())


async def test_errors_that_were_there_before_are_shown_and_blame_nobody(
    connector: TracesConnector, inquiry: Inquiry, store: Store
) -> None:
    store.traces[:] = many(ONSET - timedelta(minutes=25), 10, 1, refused=True)
    store.traces += many(ONSET + timedelta(minutes=1), 10, 100, refused=True)
    found = await run(connector, inquiry, "trace_errors")
    assert len(found.evidence) == 1
    assert found.findings == ()


@pytest.mark.parametrize(
    ("scope", "said"),
    [(Scope(namespace="shop"), "names no service"), (Scope(workload="nobody"), "but of: cart, payments, web")],
)
async def test_without_a_service_nothing_is_read(
    connector: TracesConnector, inquiry: Inquiry, store: Store, scope: Scope, said: str
) -> None:
    found = await run(connector, inquiry.model_copy(update={"scope": scope}), "trace_errors")
    assert said in found.searched


async def test_the_store_says_who_calls_whom(connector: TracesConnector, inquiry: Inquiry, kind: str) -> None:
    names = [check.name for check in connector.checks(inquiry)]
    assert ("service_calls" in names) is (kind != "tempo")
    if kind != "tempo":
        found = await run(connector, inquiry, "service_calls")
        assert found.topology is not None
        assert found.topology.calls == (("web", "cart"),)
        assert found.evidence[0].summary == "Called by nobody; calls cart."


@pytest.mark.parametrize(
    ("trouble", "kind_of_error"),
    [(Trouble(401, b"who"), "forbidden"), (Trouble(body=b'{"data": 7, "tagValues": 7}'), "garbage")],
    ids=["forbidden", "garbage"],
)
async def test_a_store_in_trouble_is_an_error(
    connector: TracesConnector, server: HttpStandIn, inquiry: Inquiry, trouble: Trouble, kind_of_error: str
) -> None:
    server.trouble = trouble
    with pytest.raises(ConnectorError) as caught:
        await run(connector, inquiry, "trace_errors")
    assert caught.value.kind == kind_of_error
    assert caught.value.query.startswith("GET /api/")


async def test_health_names_the_setting(connector: TracesConnector, server: HttpStandIn, kind: str) -> None:
    assert [line.ok for line in await connector.health()] == [True]
    server.trouble = Trouble(403, b"no")
    told = (await connector.health())[0]
    assert (told.ok, f"CHATOPS_CONNECTORS__{kind.upper()}__URL" in told.remedy) == (False, True)
    assert await connector.subjects(Scope(namespace="shop")) == ()


@pytest.mark.parametrize("kind", list(OPENERS))
def test_without_an_address_there_is_no_connector(kind: str) -> None:
    assert OPENERS[kind](ConnectorSettings()) is None
