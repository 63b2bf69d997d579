"""What `chatops doctor` says of a cluster."""

from __future__ import annotations

from connectors.kubernetes.health import health
from connectors.kubernetes.resources import CORE
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving


async def test_nobody_answers_is_one_line_with_what_to_do() -> None:
    [found] = await health(connector_for("http://127.0.0.1:9", timeout=1.0).client)
    assert (found.name, found.ok) == ("kubernetes api", False)
    assert "KUBECONFIG" in found.remedy


async def test_where_everything_may_be_read_two_lines_say_so() -> None:
    with serving(Api()) as address:
        found = await health(connector_for(address).client)
    assert [(one.name, one.ok) for one in found] == [("kubernetes api", True), ("kubernetes permissions", True)]
    assert found[1].detail == f"{len(CORE) + 1} kinds may be read"
