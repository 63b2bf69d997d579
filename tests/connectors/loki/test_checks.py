from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import ConnectorError, Inquiry, Scope
from connectors.evidence import LogPatterns, Observation, SeriesSet
from connectors.loki.connector import LokiConnector
from tests.connectors.http_server import HttpStandIn, Trouble
from tests.connectors.loki.conftest import ONSET
from tests.connectors.loki.stand_in import Streams


async def run(connector: LokiConnector, inquiry: Inquiry, name: str) -> Observation:
    return await next(check for check in connector.checks(inquiry) if check.name == name).run()


async def test_what_is_new_since_the_onset_is_told_and_others_lines_are_not(
    connector: LokiConnector, inquiry: Inquiry, server: HttpStandIn
) -> None:
    item = (await run(connector, inquiry, "log_errors")).evidence[0]
    assert isinstance(item.body, LogPatterns)
    counts = {one.template: (one.before, one.after) for one in item.body.patterns}
    assert counts == {"ERROR dial tcp <address>: connection refused": (0, 200), "ERROR slow disk <n>": (6, 3)}
    assert (item.untrusted, item.onset) == (True, ONSET + timedelta(seconds=20))
    assert "200 times since 12:00:00 UTC (0 before): ERROR dial tcp" in item.summary
    assert item.query.startswith('logcli query \'{namespace="shop", pod=~')


async def test_a_jump_in_the_amount_of_errors_is_a_series(connector: LokiConnector, inquiry: Inquiry) -> None:
    item = (await run(connector, inquiry, "log_volume")).evidence[0]
    assert isinstance(item.body, SeriesSet)
    assert {one.name for one in item.body.series if one.after} == {"lines", "lines of trouble"}
    assert item.onset is not None
    assert abs(item.onset - ONSET) < timedelta(minutes=3)


async def test_calm_logs_are_no_evidence(connector: LokiConnector, inquiry: Inquiry, streams: Streams) -> None:
    labels, lines = streams.rows[0]
    streams.rows[:] = [(labels, [line for line in lines if "INFO" in line[1]])]
    errors = await run(connector, inquiry, "log_errors")
    assert (errors.evidence, errors.searched.startswith("no line with a word of trouble")) == ((), True)
    assert (await run(connector, inquiry, "log_volume")).evidence == ()


async def test_a_limit_that_cuts_is_said(connector: LokiConnector, inquiry: Inquiry, streams: Streams) -> None:
    labels, _ = streams.rows[0]
    many = [(ONSET + timedelta(seconds=i / 2), "ERROR again") for i in range(1500)]
    streams.rows[:] = [(labels, many)]
    assert "more such lines than were read" in (await run(connector, inquiry, "log_errors")).partial


@pytest.mark.parametrize("scope", [Scope(), Scope(region="eu-west-1")])
async def test_a_scope_that_is_no_label_reads_nothing(
    connector: LokiConnector, inquiry: Inquiry, server: HttpStandIn, scope: Scope
) -> None:
    found = await run(connector, inquiry.model_copy(update={"scope": scope}), "log_errors")
    assert "there are: app, namespace, pod" in found.searched
    assert not server.asked("query_range")


async def test_a_source_in_trouble_is_an_error(connector: LokiConnector, inquiry: Inquiry, server: HttpStandIn) -> None:
    server.trouble = Trouble(400, b"parse error: max entries limit", only="query_range")
    with pytest.raises(ConnectorError, match="max entries limit"):
        await run(connector, inquiry, "log_errors")
