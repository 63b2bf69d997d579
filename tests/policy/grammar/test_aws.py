"""Of AWS' calls, what looks is told from what changes, reveals, writes a file or is not known."""

from __future__ import annotations

import pytest

from chatops.policy.grammar.aws import judge_aws
from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        ("s3api get-object --bucket b --key k /dev/stdout", "read-only"),
        ("s3api get-object --bucket b --key k /dev/null", "read-only"),
        ("s3api get-object --bucket b --key k out", "writes"),
        ("s3api get-object out --bucket b --key /dev/stdout", "writes"),
        ("s3api get-object out --bucket b --key k /dev/stdout", "writes"),
        ("s3api get-object --bucket b --key k -", "writes"),
        ("s3api get-object", "read-only"),
        ("apigatewayv2 export-api --api-id a --specification s --include-extensions out", "writes"),
        ("cloudfront get-function --name f", "read-only"),
        ("cloudfront get-function --name f out", "writes"),
        ("cloudfront get-function --no-paginate out", "writes"),
        ("--profile get-function cloudfront get-function --name f", "writes"),
    ],
)
def test_an_answer_goes_to_the_reader_or_to_nobody(command: str, verdict: str) -> None:
    assert judge_aws(command.split()).verdict == verdict


test_commands = judged(
    ("aws ec2 describe-security-groups --group-ids sg-1", READ),
    ("aws --profile prod --region eu-west-1 elbv2 describe-target-health --target-group-arn arn:x", READ),
    ("aws logs filter-log-events --log-group-name x --filter-pattern ERROR", READ),
    ("aws logs filter-log-events --log-group-name x --unmask", SECRETS),
    ("aws logs start-query --log-group-name x --query-string 'fields @message'", READ),
    ("aws cloudtrail lookup-events", READ),
    ("aws dynamodb scan --table-name x", READ),
    ("aws iam simulate-principal-policy --policy-source-arn x --action-names y", READ),
    ("aws s3 ls s3://bucket", READ),
    ("aws ec2 wait instance-running --instance-ids i-1", READ),
    ("aws rds describe-db-instances help", READ),
    ("aws ssm get-parameter --name x", READ),
    ("aws ssm get-parameter --name x --with-decryption", SECRETS),
    ("aws sts assume-role --role-arn x --role-session-name y", SECRETS),
    ("aws ecr get-login-password", SECRETS),
    ("aws kms decrypt --ciphertext-blob x", SECRETS),
    ("aws lambda get-function --function-name x", SECRETS),
    ("aws ec2 describe-instance-attribute --attribute userData --instance-id i-1", SECRETS),
    ("aws s3 rm s3://bucket/key", WRITES),
    ("aws s3api get-object --bucket b --key k out", WRITES),
    ("aws eks update-kubeconfig --name x", WRITES),
    ("aws cloudfront create-invalidation --distribution-id x --paths '/*'", WRITES),
    ("aws ec2 frobnicate --x", WRITES),
    ("aws ec2 get-nothing", UNKNOWN),
    ("aws nosuchservice describe-things", UNKNOWN),
    ("aws --endpoint-url http://elsewhere s3 ls", UNKNOWN),
    ("aws --strange describe ec2 terminate-instances", UNKNOWN),
    ("aws ec2 describe-instances --cli-input-json file:///etc/passwd", UNKNOWN),
    ("aws ec2 describe-instances --debug", UNKNOWN),
    ("aws ec2 run-instances --dry-run", READ),
    ("aws ec2 run-instances --dry-run --no-dry-run", WRITES),
    ("aws s3 rm s3://bucket/key --dryrun", READ),
)
