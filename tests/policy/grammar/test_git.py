"""Of git, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("git -C repo status", READ),
    ("git diff HEAD~1", READ),
    ("git branch -a", READ),
    ("git branch new", WRITES),
    ("git clean -nd", READ),
    ("git clean -fd", WRITES),
    ("git -c core.pager=id log", UNKNOWN),
    ("git log --output=/tmp/x", UNKNOWN),
    ("git grep -Oid x", UNKNOWN),
    ("git ls-remote ext::id", UNKNOWN),
    ("git show HEAD:.env", SECRETS),
    ("git config --get user.name", READ),
    ("git config user.name x", WRITES),
    ("git my-alias", UNKNOWN),
)
