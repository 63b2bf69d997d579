"""Against a real Alertmanager, where one is installed: its own alerts, silences, inhibition and matchers."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.alertmanager.connector import open_connector
from connectors.contract import ConnectorSettings, Inquiry, Scope, Window
from connectors.evidence import ResourceState

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIG = """
route: {receiver: nobody}
receivers: [{name: nobody}]
inhibit_rules:
- {source_matchers: ['alertname="NodeDown"'], target_matchers: ['alertname="Failing"'], equal: [namespace]}
"""

pytestmark = pytest.mark.real


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    if BINARY is None:
        pytest.skip("needs an Alertmanager on the PATH")
    (tmp_path / "config.yml").write_text(CONFIG)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [BINARY, f"--config.file={tmp_path}/config.yml", f"--storage.path={tmp_path}/data",
               f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/-/ready", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


def post(url: str, body: Any) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


async def test_a_real_one_tells_what_it_holds_back(alertmanager: str) -> None:
    now = datetime.now(UTC)
    matcher = {"name": "alertname", "value": "La.e", "isRegex": True, "isEqual": True}
    silence = {"matchers": [matcher], "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
               "createdBy": "ana", "comment": "migration"}  # fmt: skip
    post(f"{alertmanager}/api/v2/silences", silence)
    begun = (now - timedelta(minutes=5)).isoformat()
    labels = [{"alertname": name, "namespace": "shop"} for name in ("Late", "Failing", "NodeDown")]
    labels.append({"alertname": "Late", "namespace": "bank"})
    post(f"{alertmanager}/api/v2/alerts", [{"labels": one, "startsAt": begun} for one in labels])
    connector = open_connector(ConnectorSettings(options={"url": alertmanager}))
    assert connector is not None
    inquiry = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(now))
    active, muted = [await check.run() for check in connector.checks(inquiry)]
    told = [await tool.run(inquiry, {"matchers": ['alertname=~"La.+"']}) for tool in connector.tools()]
    assert (await connector.health())[0].ok
    await connector.aclose()
    bodies = [found.evidence[0].body for found in (active, muted, told[0])]
    active_rows, muted_rows, alert_rows = [body.rows for body in bodies if isinstance(body, ResourceState)]
    assert [row[0] for row in active_rows] == ["NodeDown"]
    reasons = {row[0]: row[-1] for row in muted_rows}
    assert reasons["Failing"] == "inhibited by NodeDown"
    assert reasons["Late"].startswith("silence of ana until")
    assert [row[2] for row in alert_rows].count("bank") == 1
