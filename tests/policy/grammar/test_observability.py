"""Of the tools of metrics and logs, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, UNKNOWN, WRITES, judged

test_commands = judged(
    ('logcli query \'{app="cart"} |= "error"\' --since=1h', READ),
    ("logcli query 'not a query' --addr=http://elsewhere", UNKNOWN),
    ("promtool check rules /etc/prometheus/rules.yml", READ),
    ("promtool query instant http://prometheus:9090 'rate(http_requests_total[5m])'", READ),
    ("promtool query instant http://prometheus:9090 'rate(up)'", UNKNOWN),
    ("promtool query instant http://elsewhere.net up", UNKNOWN),
    ("promtool tsdb create-blocks-from openmetrics x", WRITES),
    ("promtool push metrics http://prometheus:9090 x", WRITES),
    ("promtool query series --match=up http://prometheus:9090", READ),
)
