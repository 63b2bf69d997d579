"""End to end on a Slack that this project did not write: `local-slack` from npm, in a network of its own.

What it lacks, and what is therefore not shown here: streams and agent methods (`unknown_method`: the
fall-back is what runs), validation of Block Kit and rate limits (the stand-in beside does both).
"""

from __future__ import annotations

import pytest

from tests.slack import isolated
from tests.slack.local_slack import binary

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_the_whole_way(mode: str) -> None:
    if binary() is None:
        pytest.skip("local-slack: npm install local-slack-linux-x64, or set LOCAL_SLACK_BIN")
    if not isolated.possible():
        pytest.skip("local-slack: this machine does not allow a network of its own (unshare -rn)")
    ran = isolated.run("-m", "emulator", "-k", mode, "tests/slack/emulator_scenarios.py")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
