from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from connectors.causes import BY_CODE
from connectors.contract import ConnectorError, ConnectorSettings, Scope
from connectors.evidence import Subject
from connectors.kubernetes.checks import ROWS
from connectors.kubernetes.collecting import CALLS
from connectors.kubernetes.opening import open_connector
from tests.connectors.kubernetes.kube_server import Api, connector_for, forbidden, serving
from tests.connectors.kubernetes.test_collecting import inquiry, shop


async def test_all_checks_share_one_snapshot() -> None:
    api = shop()
    with serving(api) as address:
        connector = connector_for(address)
        observations = [await check.run() for check in connector.checks(inquiry())]
        await connector.aclose()
    assert len(api.asked("deployments")) == 1
    assert [one.findings for one in observations] == [()] * len(ROWS)
    assert all(one.searched for one in observations)
    keys = [evidence.key for one in observations for evidence in one.evidence]
    assert len(keys) == len(set(keys)) > 1


async def test_a_check_without_its_main_kind_fails_and_others_say_what_they_lack() -> None:
    api = shop()
    api.faults["events"] = forbidden
    with serving(api) as address:
        checks = {check.name: check for check in connector_for(address).checks(inquiry())}
        with pytest.raises(ConnectorError) as caught:
            await checks["probes"].run()
        pods = await checks["pods"].run()
    assert caught.value.kind == "forbidden"
    assert "events: forbidden" in pods.partial
    assert "ReadinessProbeIncorrectPort" in checks["probes"].decides


async def test_nothing_reachable_fails_every_check_with_the_reason() -> None:
    with serving(Api()) as address:
        pass
    for check in connector_for(address).checks(inquiry()):
        with pytest.raises(ConnectorError):
            await check.run()


def test_every_row_decides_causes_of_the_catalogue() -> None:
    assert {code for row in ROWS for code in row.decides} <= set(BY_CODE)
    assert len({row.name for row in ROWS}) == len(ROWS)


async def test_names_of_the_scope() -> None:
    with serving(shop()) as address:
        found = await connector_for(address).subjects(Scope(namespace="shop"))
    assert {"Deployment shop/app1", "Service shop/app1", "Node n1"} <= {str(one) for one in found}


async def test_the_snapshot_uses_what_was_listed_for_the_names() -> None:
    api = shop(40)
    with serving(api) as address:
        connector = connector_for(address)
        await connector.subjects(Scope())
        await connector.subjects(Scope(namespace="shop"))
        api.seen.clear()
        await connector.subjects(Scope(namespace="shop"))
        view = [await check.run() for check in connector.checks(inquiry())]
        await connector.aclose()
    assert len(view) == len(ROWS)
    assert [len(api.asked(plural)) for plural in ("deployments", "services", "nodes")] == [1, 1, 1]
    assert len(api.seen) <= CALLS


async def test_names_that_are_late_are_waited_for_and_not_asked_for_again() -> None:
    api = shop(40)
    api.latency = 0.05
    with serving(api) as address:
        connector = connector_for(address)
        async with anyio.create_task_group() as group:
            group.start_soon(connector.subjects, Scope())
            await anyio.wait_all_tasks_blocked()
            observations = [await check.run() for check in connector.checks(inquiry())]
        await connector.aclose()
    assert len(observations) == len(ROWS)
    assert {plural: len(api.asked(plural)) for plural in ("deployments", "statefulsets", "services", "nodes")} == {
        "deployments": 1, "statefulsets": 1, "services": 1, "nodes": 1,
    }  # fmt: skip
    assert len(api.seen) <= CALLS


async def test_a_second_look_reads_logs_only_and_stays_within_the_calls() -> None:
    api = shop(60)
    suspect = Subject(kind="Deployment", namespace="shop", name="app57")
    name = next(one for one in api.logs if one.startswith("app57-"))
    asked = inquiry()
    with serving(api) as address:
        connector = connector_for(address)
        first = {check.name: check for check in connector.checks(asked)}
        before = await first["logs"].run()
        lists = [one for one in api.seen if "/log" not in one]
        again = {check.name: check for check in connector.checks(asked.model_copy(update={"focus": (suspect,)}))}
        after = await again["logs"].run()
        await connector.aclose()
    assert [one for one in api.seen if "/log" not in one] == lists
    assert not any(name in one for one in api.seen[: len(lists)])
    assert any(name in one for one in api.seen)
    assert before.unread > after.unread > 0
    assert len(api.seen) <= CALLS


async def test_a_picture_lives_no_longer_than_the_checks_of_its_investigation() -> None:
    api = shop()
    with serving(api) as address:
        connector = connector_for(address)
        for _ in range(2):
            checks = {check.name: check for check in connector.checks(inquiry())}
            await checks["logs"].run()
            del checks
            gc.collect()
        asked = inquiry().model_copy(update={"focus": (Subject(kind="Pod", name="x"),)})
        await connector.checks(asked)[0].run()
    assert len(api.asked("deployments")) == 3


async def test_health_names_what_may_not_be_read() -> None:
    api = shop()
    api.denied = {"events", "pods/log"}
    with serving(api) as address:
        lines = {one.name: one for one in await connector_for(address).health()}
    assert lines["kubernetes api"].ok
    assert not lines["kubernetes events"].ok
    assert not lines["kubernetes pods/log"].ok
    assert "ClusterRole" in lines["kubernetes pods/log"].remedy


async def test_health_of_nothing() -> None:
    with serving(Api()) as address:
        pass
    lines = await connector_for(address).health()
    assert [one.ok for one in lines] == [False]


def test_not_configured_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_connector(ConnectorSettings()) is None


def test_opening_does_not_import_the_sdk() -> None:
    code = (
        "import sys; from connectors.kubernetes.opening import open_connector;"
        "from connectors.contract import ConnectorSettings;"
        "open_connector(ConnectorSettings(options={'server': 'http://127.0.0.1:1'}));"
        "sys.exit('kubernetes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_dependencies_are_read_as_far_as_they_may_be() -> None:
    api = shop()
    api.faults["pods"] = forbidden
    with serving(api) as address:
        found = await connector_for(address).dependencies()
        for plural in ("services", "deployments", "statefulsets", "daemonsets"):
            api.faults[plural] = forbidden
        with pytest.raises(ConnectorError):
            await connector_for(address).dependencies()
    assert found
    assert "Node" not in {other.kind for _, other in found}
