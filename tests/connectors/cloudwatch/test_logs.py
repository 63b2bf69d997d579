"""Error lines before and after the onset become patterns, and some of them name the cause."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.cloudwatch.logs import Group, groups, read
from connectors.contract import ConnectorError
from connectors.evidence import LogPatterns, Observation, Subject
from tests.connectors.cloudwatch.standin import Account, Refused, serving
from tests.connectors.cloudwatch.world import ONSET, client, inquiry, target

WEB = Subject(kind="Service", name="web")
BEFORE, AFTER = ONSET - timedelta(minutes=10), ONSET + timedelta(minutes=3)


def account(lines: Sequence[tuple[datetime, str]]) -> Account:
    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        if params["logGroupName"] != "/g":
            raise Refused("ResourceNotFoundException", 400)
        chosen = [(at.timestamp() * 1000, text) for at, text in lines]
        within = [row for row in chosen if params["startTime"] <= row[0] < params["endTime"]]
        return {"events": [{"timestamp": int(at), "message": text} for at, text in within]}

    return Account({("logs", "FilterLogEvents"): answer})


async def reading(lines: Sequence[tuple[datetime, str]], *chosen: Group) -> Observation:
    with serving(account(lines)) as served:
        aws = client(served.url)
        try:
            return await read(aws, chosen or [Group("/g", WEB)], inquiry().window)
        finally:
            aws.close()


def many(text: str, at: datetime = AFTER, count: int = 5) -> list[tuple[datetime, str]]:
    return [(at + timedelta(seconds=i), f"ERROR {text} id={i}") for i in range(count)]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("FATAL: remaining connection slots are reserved", "DatabaseConnectionsExhausted"),
        ("User: x is not authorized to perform: s3:PutObject", "CloudAccessDenied"),
        ("ThrottlingException: Rate exceeded", "RateLimited"),
        ("x509: certificate has expired", "CertificateExpired"),
        ("password authentication failed for user app", "InvalidCredentials"),
        ("getaddrinfo ENOTFOUND db.internal", "DNSResolutionFailure"),
        ("write /var/lib/x: no space left on device", "DiskFull"),
        ("Runtime.ImportModuleError: Unable to import module 'app'", "FunctionErrors"),
        ("cannot execute INSERT in a read-only transaction", "DatabaseReadOnly"),
    ],
)
async def test_new_lines_name_the_cause(text: str, cause: str) -> None:
    seen = await reading(many(text))
    assert [(one.cause, one.subject) for one in seen.findings] == [(cause, WEB)]
    assert seen.findings[0].rests_on == (seen.evidence[0].key,)


async def test_lines_that_were_there_before_name_nothing() -> None:
    text = "ThrottlingException: Rate exceeded"
    seen = await reading([*many(text, BEFORE), *many(text)])
    assert seen.findings == ()
    body = seen.evidence[0].body
    assert isinstance(body, LogPatterns)
    assert (body.patterns[0].before, body.patterns[0].after) == (5, 5)


async def test_lines_that_began_before_the_alarm_told_of_them_are_new() -> None:
    began = ONSET - timedelta(minutes=8)
    told = [(began + timedelta(seconds=40 * i), f"ERROR Lock wait timeout exceeded; trx {i}") for i in range(40)]
    seen = await reading(told)
    (found,) = seen.findings
    assert (found.cause, found.onset) == ("DatabaseLockContention", began)
    assert f"first at {began:%H:%M} UTC: 40 × ERROR Lock wait timeout" in seen.evidence[0].summary


async def test_what_a_line_says_counts_and_not_the_keys_in_it() -> None:
    told = [
        (AFTER + timedelta(seconds=i), f"AccessDenied for s3:PutObject on {'abcdefgh'[i]}-{'zyxwvuts'[i]}.csv")
        for i in range(8)
    ]
    assert [one.cause for one in (await reading(told)).findings] == ["CloudAccessDenied"]


async def test_log_text_is_marked_as_anybodys() -> None:
    assert (await reading(many("boom"))).evidence[0].untrusted


async def test_a_guessed_group_that_is_not_there_is_no_error() -> None:
    seen = await reading([], Group("/guess", WEB, guessed=True))
    assert (seen.evidence, seen.partial) == ((), "")


async def test_a_named_group_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ConnectorError) as caught:
        await reading([], Group("/named", WEB))
    assert caught.value.kind == "not_found"


async def test_one_group_that_fails_does_not_cost_the_other() -> None:
    seen = await reading(many("boom"), Group("/g", WEB), Group("/named", WEB))
    assert len(seen.evidence) == 1
    assert "not_found" in seen.partial


def test_groups_are_those_named_and_the_usual_ones() -> None:
    chosen = groups(["/mine"], [target("lambda", "pay"), target("rds", "orders")], WEB)
    assert [(group.name, group.guessed) for group in chosen] == [
        ("/mine", False),
        ("/aws/lambda/pay", True),
        ("/aws/rds/instance/orders/postgresql", True),
        ("/aws/rds/instance/orders/error", True),
    ]
    assert chosen[0].subject == WEB
