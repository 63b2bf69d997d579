"""Where what AWS answers is written to."""

from __future__ import annotations

import pytest

from chatops.policy.grammar.aws import judge_aws


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
