"""A database's load is read as shares of waits; one half that is refused leaves the other."""

from typing import Any

import pytest

from connectors.cloudwatch.load import Load, Statement, Wait, read
from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Account, Refused, serving
from tests.connectors.cloudwatch.world import NOW, ONSET, client

LOAD = Load((Wait("IO:WALWrite", "IO", 6.0), Wait("CPU", "CPU", 3.0), Wait("Lock:tuple", "Lock", 1.0)),
            (Statement("UPDATE a", 8.0), Statement("SELECT b", 2.0)))  # fmt: skip


def test_shares_by_kind_or_by_name() -> None:
    assert (LOAD.share("IO"), LOAD.share("IO:WAL"), LOAD.share("CPU", "Lock")) == (0.6, 0.6, 0.4)
    assert (LOAD.dominance, Load().share("CPU"), Load().dominance) == (0.8, 0.0, 0.0)


def refuse(_: Any) -> Any:
    raise Refused("NotAuthorizedException", 400, "no")


METRICS = {"MetricList": [{"Key": {"Metric": "db.load.avg", "Dimensions": {"db.wait_event.name": "CPU"}},
                           "DataPoints": [{"Timestamp": ONSET, "Value": 2.0}, {"Timestamp": NOW}]}]}  # fmt: skip
KEYS = {"Keys": [{"Dimensions": {"db.sql_tokenized.statement": "SELECT\n  a"}, "Total": 3.0}]}


@pytest.mark.parametrize(("metrics", "keys", "waits", "statements"), [(METRICS, refuse, 1, 0), (refuse, KEYS, 0, 1)])
async def test_one_half_is_enough(metrics: Any, keys: Any, waits: int, statements: int) -> None:
    account = Account({("pi", "GetResourceMetrics"): metrics, ("pi", "DescribeDimensionKeys"): keys})
    with serving(account):
        aws = client(account.url)
        load = await read(aws, "db-X", ONSET, NOW)
        aws.close()
    assert (len(load.waits), len(load.statements)) == (waits, statements)
    assert "allow pi:" in load.partial


async def test_both_refused_is_an_error() -> None:
    with serving(Account()) as account:
        aws = client(account.url)
        with pytest.raises(ConnectorError, match="allow pi:GetResourceMetrics"):
            await read(aws, "db-X", ONSET, NOW)
        aws.close()
