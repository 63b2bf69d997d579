"""Each question is asked once, failures too; scope and range are what the inquiry says."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from connectors.contract import ConnectorError, FiringAlert, Inquiry, Scope
from connectors.prometheus.client import Prometheus
from connectors.prometheus.families import Row
from connectors.prometheus.survey import Survey, together
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble

NOW = END.timestamp()


async def test_many_who_ask_the_same_at_once_cost_one_call(survey: Survey, server: PrometheusStandIn) -> None:
    server.add("up", {"job": "a"}, [(NOW - 30, 1.0)])
    answers = await together(*[survey.names] * 10)
    assert answers == [frozenset({"up"})] * 10
    await together(*[lambda: survey.over_time("up")] * 10)
    assert len(server.requests) == 2


async def test_a_failure_is_remembered_and_raised_to_each(survey: Survey, server: PrometheusStandIn) -> None:
    server.trouble = Trouble(403, b"no")
    for _ in range(3):
        with pytest.raises(ConnectorError) as failed:
            await survey.names()
        assert failed.value.kind == "forbidden"
    assert len(server.requests) == 1


async def test_who_comes_after_one_that_was_cancelled_asks_again(survey: Survey, server: PrometheusStandIn) -> None:
    server.trouble = Trouble(delay=0.3)
    with anyio.move_on_after(0.05) as cut:
        await survey.names()
    assert cut.cancelled_caught
    server.trouble = Trouble()
    assert await survey.names() == frozenset()


async def test_the_query_of_a_reading_can_be_repeated(survey: Survey, server: PrometheusStandIn) -> None:
    reading = await survey.over_time('up{job="a"}')
    assert reading.query == 'up{job="a"} [2026-03-01T11:00:00Z – 2026-03-01T12:00:00Z, step 15s]'
    sent = server.asked("/query_range")[0]
    assert (float(sent["end"]) - float(sent["start"]), sent["step"]) == (3600.0, "15")


async def test_rows_are_asked_in_one_question_and_told_apart(survey: Survey, server: PrometheusStandIn) -> None:
    server.add("m1", {}, [(NOW, 1.0)])
    server.add("m2", {}, [(NOW, 1.0)])
    table = [
        Row("one", "workload", ("m1",), "m1{$m}", "", 1.0),
        Row("two", "workload", ("m2",), "m2{$m}", "", 1.0),
        Row("gone", "workload", ("m3",), "m3{$m}", "", 1.0),
    ]
    asked = (
        'label_replace(m1{namespace="shop"}, "chatops_row", "0", "", "")'
        ' or label_replace(m2{namespace="shop"}, "chatops_row", "1", "", "")'
    )
    server.canned[asked] = [
        ({"chatops_row": "1", "service": "a", "job": ""}, [(NOW, 2.0)]),
        ({"chatops_row": "0", "service": "a"}, [(NOW, 1.0)]),
    ]
    _, rows = await survey.rows(table)
    assert [(row.signal, stream.labels) for row, stream in rows] == [
        ("two", {"service": "a"}),
        ("one", {"service": "a"}),
    ]


def test_the_scope_is_a_namespace_or_the_catalogues_selectors(survey: Survey) -> None:
    catalogue = Survey(survey.client, survey.inquiry.model_copy(update={"scope": Scope(selectors={"job": "a"})}))
    nothing = Survey(survey.client, survey.inquiry.model_copy(update={"scope": Scope()}))
    assert survey.fill('rate(m{$m,a="b"}[$w])') == 'rate(m{namespace="shop",a="b"}[3m])'
    assert catalogue.fill("m{$m}") == 'm{job="a"}'
    assert nothing.fill('m{$m,a="b"}') == 'm{a="b"}'
    assert survey.fill("m{$m}", "") == "m{}"


def test_the_range_is_around_the_earliest_alert(client: Prometheus, inquiry: Inquiry) -> None:
    began = END - timedelta(minutes=40)
    alerts = tuple(FiringAlert(name=n, starts_at=began + timedelta(minutes=m)) for n, m in (("b", 5), ("a", 0)))
    about = Survey(client, inquiry.model_copy(update={"alerts": alerts}))
    assert about.claimed == began.timestamp()
    assert about.focus == (began - timedelta(minutes=20), began + timedelta(minutes=30))


async def test_the_first_failure_of_several_questions_is_raised(survey: Survey) -> None:
    async def fails() -> None:
        raise ConnectorError("timeout", "q", "late")

    with pytest.raises(ConnectorError, match="late"):
        await together(fails, survey.names)
