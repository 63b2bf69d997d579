"""Of the tools of code and reviews, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("gh pr list", READ),
    ("gh api repos/x/y/pulls", READ),
    ("gh api -X DELETE repos/x/y", WRITES),
    ("gh api repos/x/y -f a=b", WRITES),
    ("gh api repos/x/y/actions/secrets", UNKNOWN),
    ("gh auth token", SECRETS),
    ("glab mr list", READ),
    ("glab mr merge 7", WRITES),
    ("gh run view 7 --log-failed", READ),
    ("gh workflow run deploy.yml", WRITES),
)
