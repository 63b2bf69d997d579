"""Calls reach AWS' wire formats, pages end, and every failure becomes the right kind of error."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from connectors.calls import Caller
from connectors.cloudwatch.client import Aws, AwsOptions, explain
from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Account, Answer, Raw, Refused, serving
from tests.connectors.cloudwatch.world import NOW, client

ALARMS = ("cloudwatch", "DescribeAlarms")
EVENTS = ("rds", "DescribeEvents")


def raising(error: Exception) -> Answer:
    def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise error

    return answer


async def failing(key: tuple[str, str], error: Exception, **options: Any) -> ConnectorError:
    account = Account({key: raising(error)})
    with serving(account):
        aws = client(account.url, **options)
        with pytest.raises(ConnectorError) as caught:
            await aws.call(*key)
        aws.close()
    return caught.value


async def test_json_and_xml_services_are_understood() -> None:
    account = Account({ALARMS: {"MetricAlarms": [{"AlarmName": "a", "StateUpdatedTimestamp": NOW}]},
                       EVENTS: {"Events": [{"Message": "a < b", "Date": NOW}]}})  # fmt: skip
    with serving(account):
        aws = client(account.url)
        alarms = await aws.call(*ALARMS, StateValue="ALARM")
        events = await aws.call(*EVENTS, Duration=5)
        aws.close()
    assert (alarms["MetricAlarms"][0]["AlarmName"], alarms["MetricAlarms"][0]["StateUpdatedTimestamp"]) == ("a", NOW)
    assert (events["Events"][0]["Message"], events["Events"][0]["Date"]) == ("a < b", NOW)


@pytest.mark.parametrize("key", [ALARMS, EVENTS])
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, "forbidden"),
        ("UnauthorizedOperation", 403, "forbidden"),
        ("ExpiredToken", 400, "forbidden"),
        ("Throttling", 400, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("DBInstanceNotFound", 404, "not_found"),
        ("ResourceNotFoundException", 400, "not_found"),
        ("ValidationError", 400, "rejected"),
        ("InternalFailure", 500, "unreachable"),
        ("SomethingNew", 503, "unreachable"),
        ("SomethingNew", 403, "forbidden"),
    ],
)
async def test_codes_become_kinds(key: tuple[str, str], code: str, status: int, kind: str) -> None:
    error = await failing(key, Refused(code, status, "because"))
    assert error.kind == kind
    assert "because" in error.detail
    assert error.query.startswith(f"aws {key[0]} describe-")


async def test_a_refusal_names_the_action_to_grant() -> None:
    error = await failing(ALARMS, Refused("AccessDenied", 403))
    assert error.detail.endswith("allow cloudwatch:DescribeAlarms")


async def test_credentials_that_have_expired_need_no_permission() -> None:
    error = await failing(ALARMS, Refused("ExpiredTokenException", 400))
    assert "allow" not in error.detail
    assert error.detail.endswith("renew or correct the credentials")


@pytest.mark.parametrize(("status", "kind"), [(503, "unreachable"), (429, "throttled"), (403, "forbidden")])
async def test_a_proxy_that_answers_for_a_service_of_xml_is_told_by_its_status(status: int, kind: str) -> None:
    error = await failing(EVENTS, Raw(b"upstream connect error", status))
    assert (error.kind, error.detail.split(" – ")[0]) == (kind, f"HTTP {status}: upstream connect error")


async def test_what_no_connection_came_to_is_told_in_words() -> None:
    aws = client("http://127.0.0.1:1")
    with pytest.raises(ConnectorError) as caught:
        await aws.call(*ALARMS)
    aws.close()
    assert caught.value.brief == "unreachable: connection refused: nothing listens there"


async def test_throttling_is_tried_again_once() -> None:
    answers = iter([Refused("Throttling", 400), None])

    def sometimes(_: Mapping[str, Any]) -> Mapping[str, Any]:
        error = next(answers)
        if error:
            raise error
        return {"MetricAlarms": []}

    account = Account({ALARMS: sometimes})
    with serving(account):
        aws = client(account.url)
        await aws.call(*ALARMS)
        aws.close()
    assert len(account.calls) == 2


@pytest.mark.parametrize("body", [b"<html>proxy says no</html>", b"[1]", b'{"MetricAlarms": [', b"\x00\xff"])
async def test_garbage_is_no_empty_answer(body: bytes) -> None:
    assert (await failing(ALARMS, Raw(body))).kind == "garbage"


async def test_garbage_where_xml_is_spoken() -> None:
    assert (await failing(EVENTS, Raw(b"not xml at all"))).kind == "garbage"


async def test_a_service_that_hangs_is_given_up() -> None:
    account = Account({ALARMS: {"MetricAlarms": []}}, delay=1.0)
    with serving(account):
        aws = client(account.url, timeout=0.2)
        with pytest.raises(ConnectorError) as caught:
            await aws.call(*ALARMS)
        aws.close()
    assert caught.value.kind == "timeout"


async def test_nobody_listens() -> None:
    account = Account()
    with serving(account):
        url = account.url
    aws = client(url)
    with pytest.raises(ConnectorError) as caught:
        await aws.call(*ALARMS)
    aws.close()
    assert caught.value.kind == "unreachable"


async def test_no_credentials_are_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    account = Account({ALARMS: {"MetricAlarms": []}})
    with serving(account):
        aws = client(account.url, session=boto3.Session(region_name="eu-west-1"))
        with pytest.raises(ConnectorError, match="no AWS credentials"):
            await aws.call(*ALARMS)
        aws.close()
    assert account.calls == []


async def test_a_service_that_fails_does_not_silence_the_others() -> None:
    account = Account({ALARMS: raising(Refused("InternalFailure", 500)), EVENTS: {"Events": []}})
    with serving(account):
        aws = client(account.url)
        for _ in range(4):
            with pytest.raises(ConnectorError):
                await aws.call(*ALARMS)
        with pytest.raises(ConnectorError) as broken_off:
            await aws.call(*ALARMS)
        assert (await aws.call(*EVENTS))["Events"] == []
        aws.close()
    assert broken_off.value.kind == "open_circuit"


async def test_what_is_not_in_the_table_is_not_called() -> None:
    account = Account({("ec2", "TerminateInstances"): {}})
    with serving(account):
        aws = client(account.url)
        with pytest.raises(ConnectorError) as caught:
            await aws.call("ec2", "TerminateInstances", InstanceIds=["i-1"])
        aws.close()
    assert (caught.value.kind, account.calls) == ("rejected", [])


def paged(pages: int, *, same: bool = False) -> Answer:
    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        number = int(params.get("Marker", 0))
        more = {"Marker": "7" if same else str(number + 1)} if same or number + 1 < pages else {}
        return {"Events": [{"Message": f"page {number}"}], **more}

    return answer


@pytest.mark.parametrize(
    ("answer", "read", "more"), [(paged(3), 3, False), (paged(1000), 5, True), (paged(2, same=True), 2, True)]
)
async def test_pages_end(answer: Answer, read: int, more: bool) -> None:
    account = Account({EVENTS: answer})
    with serving(account):
        aws = client(account.url)
        pages = await aws.pages(*EVENTS, "Events", most=5)
        aws.close()
    assert (len(pages.items), pages.more, len(account.calls)) == (read, more, read)


async def test_a_role_is_assumed_with_its_external_id() -> None:
    from dataclasses import replace
    from datetime import timedelta

    given = {
        "AccessKeyId": "other",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": NOW + timedelta(days=3650),
    }
    account = Account({("sts", "AssumeRole"): {"Credentials": given}, ALARMS: {"MetricAlarms": []}})
    with serving(account):
        aws = client(account.url)
        aws.session = None
        aws.options = replace(aws.options, role_arn="arn:aws:iam::1:role/reader", external_id="x1")
        await aws.call(*ALARMS)
        aws.close()
    assume = account.asked("AssumeRole")[0]
    assert (assume["RoleArn"], assume["ExternalId"]) == ("arn:aws:iam::1:role/reader", "x1")


async def test_the_models_are_read_at_the_start_and_nobody_is_asked() -> None:
    with serving(Account()) as account:
        aws = Aws(AwsOptions(region="eu-west-1", endpoint_url=account.url), lambda name: Caller(name, explain))
        await aws.load()
        read = str(aws.base._session.get_component("data_loader")._cache.keys())
        aws.close()
    assert account.calls == []
    assert all(f"'{name}'" in read for name in ("cloudwatch", "logs", "rds", "cloudtrail"))


async def test_settings_that_are_wrong_do_not_end_the_start() -> None:
    aws = Aws(AwsOptions(profile="no-such-profile"), lambda name: Caller(name, explain))
    await aws.load()
    with pytest.raises(ConnectorError, match="no-such-profile"):
        await aws.call("sts", "GetCallerIdentity")
