"""Of services' command lines, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, WRITES, judged

test_commands = judged(
    ("fastly domain list --service-id x", READ),
    ("fastly --strange list service delete", WRITES),
    ("fastly service version activate --version 5", WRITES),
    ("kong config parse kong.yml", READ),
    ("deck diff", READ),
    ("deck sync", WRITES),
    ("nats stream ls", READ),
    ("nats stream purge orders", WRITES),
    ("rpk cluster health", READ),
    ("rpk topic delete orders", WRITES),
    ("heroku ps", READ),
    ("heroku restart", WRITES),
    ("heroku config", SECRETS),
    ("flyctl status", READ),
    ("flyctl deploy", WRITES),
    ("pd incident list", READ),
    ("stripe refunds create", WRITES),
    ("circleci config validate", READ),
    ("sentry-cli releases list", READ),
)
