"""SDKs are imported late, in threads, at the same time: each process here is cold, and none may find one half made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import asyncio
from datetime import UTC, datetime
from connectors.cloudwatch.connector import open_connector as aws
from connectors.contract import ConnectorSettings, Inquiry, Scope, Window
from connectors.kubernetes.opening import open_connector as kubernetes
from connectors.prometheus.connector import open_connector as prometheus

nowhere = "http://127.0.0.1:1"
sources = [
    kubernetes(ConnectorSettings(options={"server": nowhere})),
    prometheus(ConnectorSettings(options={"url": nowhere})),
    aws(ConnectorSettings(options={"endpoint_url": nowhere, "region": "eu-west-1"})),
]
inquiry = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(datetime.now(UTC)))

async def main():
    checks = [check for source in sources for check in source.checks(inquiry)]
    results = await asyncio.gather(*(check.run() for check in checks), return_exceptions=True)
    print(sorted({type(one).__name__ for one in results if isinstance(one, BaseException)}))

asyncio.run(main())
"""


def test_cold_sources_asked_at_once_only_say_that_nobody_answers(tmp_path: Path) -> None:
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=100, check=True,
            cwd=Path(__file__).parents[2],
            env={"PATH": "/usr/bin", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.stdout.strip() == "['ConnectorError']", done.stdout + done.stderr
