"""AWS as a source of context: checks for the gatherer, read-only queries for the persona, health for `doctor`.

Opened from the settings (`region`, `endpoint_url`, `profile`, `role_arn`, `external_id`, `log_groups`,
`cost_explorer`, `timeout`) and the usual `AWS_*` environment; not configured where neither says anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from connectors.calls import Caller
from connectors.cloudwatch import checks, permissions, targets, tools
from connectors.cloudwatch.client import Aws, AwsOptions, explain
from connectors.cloudwatch.investigation import Investigation
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Subject
from connectors.recent import Recent

_OPTIONS = ("region", "endpoint_url", "profile", "role_arn", "external_id")
_ENVIRONMENT = (
    "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
"""Variables any of which says that AWS is meant to be used."""


@dataclass
class CloudWatch:
    """The connector of one environment."""

    aws: Aws
    clock: Callable[[], datetime]
    log_groups: tuple[str, ...] = ()
    name: str = "cloudwatch"
    recent: Recent[targets.Active] = field(default_factory=Recent)
    """The active metrics, where they were just listed for the names."""
    _begun: WeakValueDictionary[str, Investigation] = field(default_factory=WeakValueDictionary)
    """Investigations under way: each lives as long as somebody holds its checks."""

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The checks, sharing what they fetch; where hosts are followed, with what was fetched before."""
        begun = self._begun.get(_key(inquiry))
        case = begun.following(inquiry) if inquiry.hosts and begun else self._investigation(inquiry)
        return checks.bound(case, self.aws.options.timeout + 2)

    async def behind(self, inquiry: Inquiry, hosts: Sequence[str]) -> Mapping[str, Subject]:
        """The databases and caches that answer under these hosts."""
        case = self._begun.get(_key(inquiry)) or self._investigation(inquiry)
        return {host: target.subject for host, target in (await case.answering(hosts)).items()}

    def _investigation(self, inquiry: Inquiry) -> Investigation:
        case = Investigation(self.aws, inquiry, self.clock(), self.log_groups, self.recent)
        self._begun[_key(inquiry)] = case
        return case

    def tools(self) -> Sequence[Tool]:
        """The read-only queries."""
        return tools.tools(self.aws)

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """The resources that have had metrics in the last hours, whatever the scope: AWS has no namespaces."""
        found = await self.recent.first(targets.ACTIVE, partial(targets.listed, self.aws))
        return [target.subject for target in targets.resources(found.metrics)]

    async def load(self) -> None:
        """Import the SDK: seconds that no incident should wait for."""
        await self.aws.load()

    async def health(self) -> Sequence[Health]:
        """What may be read, and the IAM action to grant where it may not."""
        return await permissions.health(self.aws, self.clock())

    async def aclose(self) -> None:
        """Close the connections."""
        self.aws.close()


def _key(inquiry: Inquiry) -> str:
    """What one investigation is told by, whatever it follows or looks at again."""
    return inquiry.model_dump_json(exclude={"hosts", "focus"})


@reads(*_OPTIONS, "log_groups", "cost_explorer", "timeout", "enabled")
def open_connector(settings: ConnectorSettings) -> CloudWatch | None:
    """The connector, or None where neither the settings nor the environment mention AWS. Connects to nothing."""
    options, environ = settings.options, os.environ
    if not configured(options, environ, Path.home()):
        return None
    reach, tape = _options(options, environ), settings.tape
    if tape is not None:
        again = {"region": reach.region, "profile": "recording", "log_groups": list(options.get("log_groups") or ())}
        tape.opened(CloudWatch.name, again)
    return CloudWatch(
        aws=Aws(reach, lambda service: Caller(f"aws {service}", explain, limit=16, tape=tape)),
        clock=lambda: datetime.now(UTC) if tape is None else tape.now,
        log_groups=tuple(options.get("log_groups") or ()),
    )


def configured(options: Mapping[str, Any], environ: Mapping[str, str], home: Path) -> bool:
    """Whether anything says how to reach AWS: options, variables or a profile file."""
    if options.get("enabled") is False:
        return False
    if any(options.get(name) for name in _OPTIONS) or any(environ.get(name) for name in _ENVIRONMENT):
        return True
    return any((home / ".aws" / name).is_file() for name in ("config", "credentials"))


def _options(options: Mapping[str, Any], environ: Mapping[str, str]) -> AwsOptions:
    region = options.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    endpoint = options.get("endpoint_url") or environ.get("AWS_ENDPOINT_URL") or ""
    if endpoint and not region:
        region = "us-east-1"
    return AwsOptions(
        region=str(region),
        endpoint_url=str(endpoint),
        profile=str(options.get("profile") or ""),
        role_arn=str(options.get("role_arn") or ""),
        external_id=str(options.get("external_id") or ""),
        cost_explorer=options.get("cost_explorer") is True,
        timeout=float(options.get("timeout") or AwsOptions.timeout),
    )
