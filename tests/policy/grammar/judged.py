"""Commands with the verdict that is right for them, as a test of the module whose tables know them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatops.policy.commands import judge_line

READ, WRITES, SECRETS, UNKNOWN = "read-only", "writes", "reveals-secrets", "unknown"


def judged(*cases: tuple[str, str]) -> Callable[[str, str], None]:
    """A test for each command, with the verdict beside it."""

    @pytest.mark.parametrize(("command", "verdict"), cases)
    def test(command: str, verdict: str) -> None:
        told = judge_line(command)
        assert told.verdict == verdict, told.reason
        assert told.reason

    return test
