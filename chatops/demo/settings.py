"""With which settings does the app run in the demo? The stand-ins' addresses, made-up secrets, the shop's catalogue.

Nothing of the user's own settings is used but the model's: a demo must not reach a real cluster, account
or workspace because a variable happens to be set.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from chatops.demo.incidents.shop import SERVICES
from chatops.demo.kubernetes.api import kubeconfig
from chatops.demo.kubernetes.cluster import NAMESPACE
from chatops.settings import (
    ModelSettings,
    Service,
    Settings,
    SlackSettings,
    WebhookSettings,
)

REGION = "eu-west-1"
"""Where the shop's account lives."""


def demo_settings(
    folder: Path, page: str, app: str, stands: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[Settings, str]:
    """The settings, and the token that webhooks must carry. Files go into `folder`."""
    config = folder / "kubeconfig"
    config.write_text(json.dumps(kubeconfig(stands["kubernetes"], NAMESPACE)), "utf-8")
    token = secrets.token_urlsafe(24)
    host, _, port = app.removeprefix("http://").rpartition(":")
    settings = Settings.model_construct(
        **{
            **_defaults(),
            "host": host.strip("[]"),
            "port": int(port),
            "public_url": app,
            "state_dir": folder / "state",
            "link_secret": SecretStr(secrets.token_urlsafe(32)),
            "slack": _slack(page),
            "model": _model(environment),
            "webhooks": WebhookSettings(token=SecretStr(token)),
            "prometheus": {"url": stands["prometheus"], "timeout": 8},
            "kubernetes": {"kubeconfig": str(config)},
            "cloudwatch": {"endpoint_url": stands["cloudwatch"], "region": REGION},
            "services": {w.name: _service(w.name) for w in SERVICES},
        }
    )
    return settings, token


def _defaults() -> dict[str, Any]:
    """The defaults alone: `model_construct` reads neither the environment nor files."""
    return {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}


def _slack(page: str) -> SlackSettings:
    # Random, so that no scanner takes them for somebody's; the workspace knows them from these settings.
    return SlackSettings(
        bot_token=SecretStr("-".join(("xoxb", "demo", secrets.token_hex(8)))),
        signing_secret=SecretStr(secrets.token_hex(16)),
        base_url=f"{page}/api/",
    )


def _model(environment: Mapping[str, str]) -> ModelSettings:
    key = environment.get("CHATOPS_MODEL__API_KEY") or environment.get("ANTHROPIC_API_KEY", "")
    if not key:
        return ModelSettings(provider="none")
    base = environment.get("CHATOPS_MODEL__BASE_URL") or environment.get("ANTHROPIC_BASE_URL", "")
    name = environment.get("CHATOPS_MODEL__MODEL", "")
    return ModelSettings(api_key=SecretStr(key), base_url=base, model=name)


def _service(name: str) -> Service:
    database = {"DBInstanceIdentifier": "orders-db"} if name == "orders" else {}
    groups = ("/aws/rds/instance/orders-db/postgresql", "/aws/lambda/orders-export") if name == "orders" else ()
    return Service(
        namespace=NAMESPACE, workload=name, selectors={"namespace": NAMESPACE, "service": name},
        log_groups=groups, dimensions=database,
    )  # fmt: skip


@contextlib.contextmanager
def aws_environment(folder: Path) -> Iterator[None]:
    """Made-up credentials in the environment while the demo runs: the user's own are never sent anywhere."""
    made_up = {
        "AWS_ACCESS_KEY_ID": "DEMO",
        "AWS_SECRET_ACCESS_KEY": secrets.token_hex(16),
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    theirs = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in theirs:
        del os.environ[name]
    os.environ.update(made_up)
    try:
        yield
    finally:
        for name in made_up:
            os.environ.pop(name, None)
        os.environ.update(theirs)
