"""The table of IAM actions names reads only, and every call that the connector makes."""

import re
from pathlib import Path

import botocore.session
import pytest

import connectors.cloudwatch
from connectors.cloudwatch.access import ACTIONS, Action, iam_action, is_read, policy

_READS = re.compile(r"^[\w-]+:(Describe|Get|List|Filter|Lookup|StartQuery|StopQuery)")
_SOURCES = Path(connectors.cloudwatch.__file__).parent


def test_every_action_only_reads() -> None:
    assert [row.iam for row in ACTIONS if not _READS.match(row.iam)] == []


def test_nothing_that_returns_secrets_or_code_is_asked_for() -> None:
    actions = {row.iam for row in ACTIONS}
    assert not actions & {"lambda:GetFunction", "ssm:GetParameter", "secretsmanager:GetSecretValue", "s3:GetObject"}
    assert "logs:Unmask" not in actions


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.iam)
def test_every_operation_exists(row: Action) -> None:
    model = botocore.session.get_session().get_service_model(row.service)
    assert row.operation in model.operation_names


def test_every_operation_of_the_table_is_called_somewhere_and_none_besides() -> None:
    sources = "\n".join(
        path.read_text() for path in _SOURCES.rglob("*.py") if path.name not in ("access.py", "services.py")
    )
    called = set(re.findall(r'"([a-z0-9]+)",\s*"([A-Z]\w+)"', sources))
    table = {(row.service, row.operation) for row in ACTIONS}
    assert table - called == set()
    assert {call for call in called if call[0] in {row.service for row in ACTIONS}} - table == set()


def test_a_policy_allows_what_is_read() -> None:
    whole, least = policy()["Statement"][0], policy(optional=False)["Statement"][0]
    assert whole["Effect"] == "Allow"
    assert iam_action("elbv2", "DescribeTargetHealth") == "elasticloadbalancing:DescribeTargetHealth"
    assert "elasticloadbalancing:DescribeTargetHealth" in whole["Action"]
    assert "cloudwatch:DescribeAlarms" in least["Action"]
    assert len(least["Action"]) < len(whole["Action"])


def test_what_has_no_row_is_not_read() -> None:
    assert not is_read("ec2", "TerminateInstances")
    assert not is_read("lambda", "GetFunction")
