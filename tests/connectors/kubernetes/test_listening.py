from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.listening import declared, listens, said


@pytest.mark.parametrize(
    "container",
    [
        {"ports": [{"containerPort": 9000}]},
        {"env": [{"name": "PORT", "value": "9000"}]},
        {"env": [{"name": "SERVER_PORT", "value": "9000"}]},
        {"env": [{"name": "LISTEN_ADDR", "value": "0.0.0.0:9000"}]},
        {"args": ["--port=9000"]},
        {"args": ["--port", "9000"]},
        {"command": ["serve", "-listen-address=:9000"]},
    ],
)
def test_ports_that_the_spec_names(container: dict[str, Any]) -> None:
    assert list(declared(container)) == [9000]


@pytest.mark.parametrize(
    "line",
    [
        "listening on 9000", "server started on port 9000", "Tomcat started on port(s): 9000 (http)",
        "Listening on http://0.0.0.0:9000", "* Running on all addresses (0.0.0.0) port=9000",
        "Ready to accept connections on port 9000",
    ],
)  # fmt: skip
def test_ports_that_the_log_names(line: str) -> None:
    assert 9000 in said([line])


@pytest.mark.parametrize("line", ["GET /item/9000 200", "took 9000 ms", "order 9000 accepted"])
def test_numbers_that_are_no_ports(line: str) -> None:
    assert said([line]) == {}


def test_a_probe_does_not_prove_itself() -> None:
    container = {"livenessProbe": {"tcpSocket": {"port": 9000}}, "readinessProbe": {"tcpSocket": {"port": 8000}}}
    assert set(listens(container, []).known) == {9000, 8000}
    assert set(listens(container, [], without="Liveness").known) == {8000}
