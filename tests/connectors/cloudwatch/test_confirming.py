"""Findings carry commands that read, name what was read, and are answered here."""

from __future__ import annotations

import pytest

from chatops.policy.commands import judge
from connectors.cloudwatch import confirming
from connectors.cloudwatch.tools import tools
from connectors.evidence import Evidence, Finding, Observation, Subject
from tests.connectors.cloudwatch.world import Outcome, World, client, database, described, jump, seen

RESOURCES = [
    Subject(kind=kind, name="orders", namespace="prod" if kind == "ECSService" else "") for kind in confirming._BY_KIND
]


@pytest.mark.parametrize("subject", RESOURCES, ids=str)
def test_what_shows_a_resource_only_reads_and_runs_here(subject: Subject) -> None:
    known = tools(client("http://127.0.0.1:1"))
    commands = list(confirming.shown(subject, "eu-west-1"))
    assert commands
    for argv in commands:
        assert judge(argv).verdict == "read-only"
        assert "orders" in argv
        assert [tool.name for tool in known if tool.argv and tool.argv(argv) is not None], argv


def test_a_service_of_no_known_cluster_has_no_command() -> None:
    assert not list(confirming.shown(Subject(kind="ECSService", name="web"), ""))


async def busy() -> Outcome:
    world = World().metrics("orders", CPUUtilization=jump(30, 99)).answers(
        "rds", "DescribeDBInstances", described(database("orders"))
    )  # fmt: skip
    return await seen(world, DBInstanceIdentifier="orders")


async def test_a_finding_is_confirmed_by_what_it_rests_on_and_by_what_shows_its_resource() -> None:
    found = next(one for one in (await busy()).findings if one.cause == "DatabaseCPUSaturated")
    metric, state, happened = found.commands
    assert metric[:3] == ("aws", "cloudwatch", "get-metric-statistics")
    assert metric[metric.index("--dimensions") + 1] == "Name=DBInstanceIdentifier,Value=orders"
    assert state == ("aws", "rds", "describe-db-instances", "--db-instance-identifier", "orders", "--region",
                     "eu-west-1")  # fmt: skip
    assert happened[:3] == ("aws", "rds", "describe-events")
    known = tools(client("http://127.0.0.1:1"))
    for argv in found.commands:
        assert judge(argv).verdict == "read-only"
        assert any(tool.argv(argv) for tool in known if tool.argv)


def confirmed(query: str, **fields: object) -> tuple[tuple[str, ...], ...]:
    function = Subject(kind="Function", name="export")
    about = Evidence(key="e", source="cloudwatch", check="logs", title="t", summary="s", query=query)
    finding = Finding.model_validate(
        {"cause": "FunctionErrors", "subject": function, "statement": "s", "rests_on": ("e",), "confidence": 0.5,
         "rule": "r", **fields}
    )  # fmt: skip
    found = confirming.confirmed_by(Observation(evidence=(about,), findings=(finding,)), "eu-west-1")
    return found.findings[0].commands


def test_of_a_log_its_last_hour_is_shown() -> None:
    log, state = confirmed("aws logs filter-log-events --log-group-name /aws/lambda/export --filter-pattern '?a ?b'")
    assert log == ("aws", "logs", "tail", "/aws/lambda/export", "--since", "1h", "--region", "eu-west-1")
    assert state[2] == "get-function-configuration"


def test_nothing_is_shown_twice_and_no_table_is_a_command() -> None:
    asked = "aws lambda get-function-configuration --function-name export --region eu-west-1"
    assert confirmed(asked) == (tuple(asked.split()),)
    assert [argv[2] for argv in confirmed("GetMetricData AWS/Lambda {}")] == ["get-function-configuration"]


def test_a_rule_that_knows_better_is_left_alone() -> None:
    assert confirmed("aws x", commands=(("kubectl", "get", "pods"),)) == (("kubectl", "get", "pods"),)
