from chatops.demo.incidents import orders_database
from tests.demo.conftest import NOW


def test_connections_reach_the_limit_and_the_other_metrics_do_not() -> None:
    cloud = orders_database.build(NOW).cloud
    shapes = {metric.name: metric.shape for metric in cloud.metrics}
    connections = [shapes["DatabaseConnections"].at(NOW - back, 1) for back in (3600, 0)]
    assert connections[0] is not None
    assert connections[1] is not None
    assert connections[0] < 50 < 190 < connections[1] < 200
    cpu = shapes["CPUUtilization"].at(NOW, 1)
    assert cpu is not None
    assert cpu < 85


def test_the_logs_of_service_and_database_say_the_same() -> None:
    world = orders_database.build(NOW)
    lines = [text for log in world.logs for _, text in log.lines if "orders" in log.pod]
    stored = [text for group in world.cloud.log_groups for rows in group.streams.values() for _, text in rows]
    assert any(orders_database.FULL in text for text in lines)
    assert any(orders_database.FULL in text for text in stored)
