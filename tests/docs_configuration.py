"""Writes docs/configuration.md from the settings: `python -m tests.docs_configuration > docs/configuration.md`.

Names, types and defaults come from the models; what a setting means comes from the docstring under it, and from
`MEANINGS` where its name and type do not say enough and it has none.
"""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chatops import settings
from chatops.app.reload import RELOADED
from connectors.kubernetes.client import Access

MEANINGS: Mapping[str, str] = {
    "host": "The address to listen on.",
    "port": "The port to listen on; 0 takes a free one.",
    "state_dir": "For embedded Valkey, link key, clones of runbooks; by default the user's state directory.",
    "gather_seconds": "The one deadline of all checks; what is not there by then is a line of the coverage.",
    "triage_seconds": "The longest an investigation may take; a worker that is told to end waits so long.",
    "log_level": "",
    "slack.bot_token": "`xoxb-…`.",
    "slack.signing_secret": "For HTTP: verifies what comes to `/slack/events`.",
    "slack.client_secret": "Of the Slack app, beside `client_id`.",
    "slack.base_url": "Another address of Slack's API, for tests and proxies.",
    "slack.command": "The slash command's name, as in the app's manifest.",
    "model.provider": "`none` answers by rules alone.",
    "model.api_key": "`ANTHROPIC_API_KEY` is honoured too.",
    "model.base_url": "Another address of the API; `ANTHROPIC_BASE_URL` is honoured too.",
    "model.fallback": "Asked when the model is overloaded, not to be had, or declines to answer.",
    "model.region": "For Bedrock and Vertex.",
    "model.project": "For Vertex.",
    "model.max_turns": "Rounds of questions to the sources in one investigation.",
    "model.max_input_tokens": "For all turns of one investigation, cached or not.",
    "model.max_output_tokens": "For one turn.",
    "model.max_seconds": "For one investigation.",
    "model.max_usd": "For one investigation.",
    "model.stream": "Show the answer while it is written.",
    "model.effort": "How long the model thinks.",
    "model.incident_usd": "When so much is booked for an incident with its follow-ups, rules answer alone in it.",
    "model.channel_usd": "When so much is booked for a channel in a day, rules answer alone in it.",
    "model.daily_usd": "When so much is booked in a day (see [cost](cost.md)), rules answer alone.",
    "redis.prefix": "Of every key, for a Redis that is shared.",
    "redis.ttl_days": "How long an incident is kept.",
    "webhooks.username": "Basic authentication, for senders that cannot send a token.",
    "webhooks.password": "Basic authentication, for senders that cannot send a token.",
    "webhooks.max_bytes": "Larger bodies are refused before they are read.",
    "webhooks.pagerduty_secret": "Verifies PagerDuty's signature.",
    "prometheus": (
        "`url`, `external_url` (for links), `token`, or `username` and `password`, `headers`, `ca`, `verify`, "
        "`timeout`, `rate_window`."
    ),
    "kubernetes": "{kubernetes}. With none of them: `KUBECONFIG`, `~/.kube/config`, or the pod's own account. "
    "Several clusters: `contexts` or `clusters` ([sources](sources.md#several-clusters)).",
    "cloudwatch": (
        "`region`, `profile`, `role_arn`, `external_id`, `endpoint_url`, `log_groups`, `cost_explorer` (0.01 USD a "
        "request, off), `timeout`, `enabled`; beside the usual `AWS_…` environment."
    ),
    "connectors": "Options of optional and third-party connectors, by their entry point's name: the last table here.",
    "environments": "Name → environment; see below.",
    "services": "Name → service; see below.",
    "routes": "The first that matches decides; see below.",
    "environments.*.match": "Labels that its alerts have; values are regular expressions for the whole label.",
    "environments.*.channels": "Questions from these channels are about this environment.",
    "environments.*.prometheus": "As at the top level.",
    "environments.*.kubernetes": "As at the top level.",
    "environments.*.cloudwatch": "As at the top level.",
    "services.*.namespace": "",
    "services.*.workload": "Its Deployment, StatefulSet or DaemonSet.",
    "services.*.aliases": "Other names that people use.",
    "services.*.selectors": "Labels of its series in Prometheus.",
    "services.*.log_groups": "Its CloudWatch log groups.",
    "services.*.dimensions": "Its CloudWatch dimensions.",
    "services.*.environment": "",
    "routes[].match": "Labels that an alert must have; values are regular expressions for the whole label.",
    "routes[].channel": "",
    "routes[].environment": "",
    "routes[].persona": "The persona that answers there.",
}
"""Settings that have no docstring of their own. One that gets a docstring must leave this table: a test says so."""

HEAD = """# Configuration

<!-- Written by `python -m tests.docs_configuration > docs/configuration.md`; a test holds it to the settings. -->

Every setting has a name in one YAML file and in the environment: `slack.channel` is `CHATOPS_SLACK__CHANNEL`. What is
said twice is taken from the environment first, then from secret files, then from the YAML file.

| | |
| --- | --- |
| `CHATOPS_CONFIG` | the YAML file |
| `CHATOPS_SECRETS_DIR` | a directory with a file for each secret, named as its variable: `chatops_slack__bot_token` |
| `CHATOPS_…` | any setting; mappings and lists as JSON, or one key at a time: `CHATOPS_PROMETHEUS__URL` |

`chatops settings show` prints what is understood, secrets as stars. What cannot be used is one line that names
key, variable, what is expected and what kind of value was given, and exit code 2. A setting that does not exist is
refused.

`chatops serve` looks at its files every few seconds, and at once on SIGHUP. These settings take effect without a
restart: {reloaded}. Everything else is held by connections: the log names
what has changed and waits for a restart. A file that cannot be used is
logged, sets `chatops_settings_taken` to 0, and leaves what runs as it is.

```yaml
public_url: https://chatops.example.com
slack:
  channel: "#incidents"
prometheus:
  url: http://prometheus.monitoring:9090
services:
  checkout:
    namespace: shop
    workload: checkout-api
    aliases: [basket, cart]
routes:
  - match: {team: payments}
    channel: "#payments-oncall"
```
""".replace("{reloaded}", ", ".join(f"`{name}`" for name in RELOADED))


def _nested() -> Iterator[tuple[str, str, type[BaseModel]]]:
    """The settings that are groups of settings."""
    for name, field in settings.Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield name, f"{name}.", field.annotation


SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The app", "", settings.Settings),
    *_nested(),
    ("routes", "routes[].", settings.Route),
    ("services", "services.*.", settings.Service),
    ("environments", "environments.*.", settings.Environment),
)


class Row(NamedTuple):
    """One setting."""

    name: str
    takes: str
    default: str
    meaning: str


def docstrings() -> dict[tuple[str, str], str]:
    """(class, field) → the string that stands under the field."""
    found: dict[tuple[str, str], str] = {}
    for made in ast.parse(inspect.getsource(settings)).body:
        if not isinstance(made, ast.ClassDef):
            continue
        for field, below in zip(made.body, made.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(below):
                found[made.name, field.target.id] = inspect.cleandoc(ast.literal_eval(below.value))  # type: ignore[attr-defined]
    return found


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def rows(prefix: str, model: type[BaseModel]) -> Iterator[Row]:
    """The settings of one section; nested sections have their own."""
    said = docstrings()
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            continue
        own = said.get((model.__name__, name))
        meaning = MEANINGS.get(prefix + name, "") if own is None else own
        options = ", ".join(f"`{option}`" for option in Access.__dataclass_fields__)
        yield Row(
            prefix + name, _takes(field), _default(field), " ".join(meaning.split()).replace("{kubernetes}", options)
        )


def _takes(field: FieldInfo) -> str:
    bounds = [f"{sign} {value:g}" for one in field.metadata for sign, value in _bounds(one)]
    return _type(field.annotation) + (f", {', '.join(bounds)}" if bounds else "")


def _bounds(constraint: Any) -> Iterator[tuple[str, float]]:
    for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
        if (value := getattr(constraint, attribute, None)) is not None:
            yield sign, value


def _type(annotation: Any) -> str:
    """A type in the reader's words."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return _type(next(one for one in inside if one is not type(None)))
    if origin is Literal:
        return " · ".join(f"`{one}`" for one in inside)
    if origin is tuple:
        return "list of **secrets**" if SecretStr in inside else "list"
    if origin is not None:
        return "mapping"
    words = {str: "text", int: "number", float: "number", bool: "true or false", SecretStr: "**secret**", Path: "path"}
    return words[annotation]


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value is PydanticUndefined or value in ("", (), {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else f'{value:g}' if isinstance(value, float) else value}`"


OPTIONAL = "chatops.connectors.optional"
OPTIONAL_HEAD = """## Optional sources

Under `connectors`, and under `environments.<name>.connectors` for one environment: `connectors.loki.url` is
`CHATOPS_CONNECTORS__LOKI__URL`. Each takes `url`, `token` (sent as a bearer), `username` and `password`, `headers`,
`verify`, `ca`, `timeout` (seconds), `external_url` (for links) and what stands in its row. What each reads, and with
whose rights, is told in [sources](sources.md).

| source | needs | its options |
| --- | --- | --- |
"""
COMMON = "those of `connectors.http`"
"""How the docstrings name what every connector over HTTP takes."""


def optional_sources() -> Iterator[str]:
    """Rows of the optional connectors, as the docstrings of their entry points tell them."""
    for entry in sorted(entry_points(group=OPTIONAL), key=lambda entry: entry.name):
        if not entry.value.startswith("connectors."):
            continue  # somebody else's, installed here
        said = " ".join(inspect.cleandoc(entry.load().__doc__ or "").split())
        needed, _, options = said.partition("None without ")[2].partition(". ")
        told = options.removeprefix("Options: ").replace(COMMON, "those above").rstrip(".")
        yield f"| `connectors.{entry.name}` | {needed.rstrip('.')} | {told} |\n"


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, prefix, model in SECTIONS:
        about = inspect.cleandoc(model.__doc__ or "") if prefix else ""
        parts.append(f"## {title}\n\n" + (f"{about}\n\n" if about else ""))
        parts.append("| setting | takes | default | |\n| --- | --- | --- | --- |\n")
        parts.extend(f"| `{row.name}` | {row.takes} | {row.default} | {row.meaning} |\n" for row in rows(prefix, model))
        parts.append("\n")
    parts += [OPTIONAL_HEAD, *optional_sources()]
    return "".join(part if part != HEAD else HEAD + "\n" for part in parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    print(page(), end="")
