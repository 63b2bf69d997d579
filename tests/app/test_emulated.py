"""From a real Alertmanager to a thread in a Slack that this project did not write, and a reply in it."""

from __future__ import annotations

import pytest

from tests.app.test_alertmanager import BINARY
from tests.slack import isolated
from tests.slack.local_slack import binary

pytestmark = pytest.mark.emulator


@pytest.mark.timeout(400)
@pytest.mark.parametrize("mode", ["http", "socket"])
def test_from_alertmanager_to_the_emulators_thread(mode: str) -> None:
    if binary() is None:
        pytest.skip("local-slack: npm install local-slack-linux-x64, or set LOCAL_SLACK_BIN")
    if BINARY is None:
        pytest.skip("Alertmanager is missing (Debian: prometheus-alertmanager)")
    if not isolated.possible():
        pytest.skip("local-slack: this machine does not allow a network of its own (unshare -rn)")
    ran = isolated.run("-m", "emulator", "-k", mode, "tests/app/emulated_scenario.py")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
