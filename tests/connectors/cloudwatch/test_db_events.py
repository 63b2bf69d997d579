"""What RDS reports of its databases."""

from __future__ import annotations

from datetime import timedelta

from connectors.cloudwatch.db_events import MARGIN, read
from connectors.contract import Window
from tests.connectors.cloudwatch.world import NOW, ONSET, World, connected, target

WINDOW = Window(start=NOW - timedelta(hours=1), end=NOW, onset=ONSET)
EVENT = {"SourceIdentifier": "orders", "Date": ONSET, "Message": "failover began", "EventCategories": ["failover"]}


async def test_events_are_asked_a_little_before_the_window_and_become_the_databases() -> None:
    asked = []

    def answer(params: object) -> object:
        asked.append(params)
        return {"Events": [EVENT, {"SourceIdentifier": "orders", "Message": "without a time"}]}

    with connected(World().answers("rds", "DescribeEvents", answer)) as connector:
        [found] = await read(connector.aws, [target("rds", "orders"), target("lambda", "resize")], WINDOW)
    assert (found.text, found.at, found.kinds) == ("failover began", ONSET, ("failover",))
    assert found.subject.name == "orders"
    [params] = asked
    assert str((WINDOW.start - MARGIN).strftime("%Y-%m-%dT%H")) in str(params)
