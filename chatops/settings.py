"""What can be set, from one file and the environment, and the clear error when it is wrong.

Order: environment (`CHATOPS_SLACK__BOT_TOKEN`) over secrets in files (`CHATOPS_SECRETS_DIR`, one file a
key, as Kubernetes mounts them) over the file named by `CHATOPS_CONFIG` (YAML) over the defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pydantic_settings
import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from chatops import settings_problems
from connectors.evidence import Value


class SettingsError(Exception):
    """A setting that cannot be used: one line that names the key and the fix."""


class ChannelReach(Value):
    """What a channel may ask about. Empty: everything."""

    environments: tuple[str, ...] = ()
    """Names of environments."""
    namespaces: tuple[str, ...] = ()
    """Kubernetes namespaces, or patterns such as `shop-*`; what cannot be limited to a namespace is then refused."""


class SlackSettings(Value):
    """The workspace. Without a bot token the app serves webhooks only to the page and the command line."""

    bot_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    """Set for Socket Mode (`xapp-…`); without it Slack must reach `/slack/events`."""
    base_url: str = "https://slack.com/api/"
    command: str = "/triage"
    channel: str = "#incidents"
    """Where alerts are told when no route names another channel (name or id)."""
    alert_channels: tuple[str, ...] = ()
    """Channels (`C…`) in which messages of other apps that tell a state are alerts, answered in their threads."""
    operators: tuple[str, ...] = ()
    """User-group handles or e-mails that may act; empty: every full member of the workspace."""
    viewers: tuple[str, ...] = ()
    """User-group handles or e-mails that may ask; empty: every full member of the workspace."""
    client_id: str = ""
    """With `client_secret` and `token_keys`: other workspaces may install the app at /slack/install."""
    client_secret: SecretStr | None = None
    sign_in: Literal["off", "offered", "required"] = "off"
    """Reading pages by signing in with Slack: `offered` beside signed links, or `required`. Needs `client_id`, too."""
    token_keys: tuple[SecretStr, ...] = ()
    """Fernet keys that seal the workspaces' tokens; the first encrypts, all decrypt."""
    team: str = ""
    """The workspace (`T…`) that alerts are told in, where several have installed the app."""
    channels: Mapping[str, ChannelReach] = {}
    """Channel id (`C…`), `direct` (messages with the app) or `*` (all others) → what may be asked about there."""
    allow_external: bool = False
    """Whether channels shared with other organisations, and guests, are answered."""
    incident_channel_prefix: str = "inc-"
    """Channels of this name are made for one incident each."""

    @field_validator("channels")
    @classmethod
    def _by_id(cls, channels: Mapping[str, ChannelReach]) -> Mapping[str, ChannelReach]:
        for name in channels:
            if name not in ("direct", "*") and not re.fullmatch(r"[CDG][A-Z0-9]+", name):
                raise ValueError(f"{name!r} is no channel id: names can be given away, name it by its id (C0123456789)")
        return channels


class ModelSettings(Value):
    """The persona's model. Without a key (or a cloud's credentials) the rules answer alone."""

    provider: Literal["anthropic", "bedrock", "vertex", "none"] = "anthropic"
    api_key: SecretStr | None = None
    base_url: str = ""
    model: str = ""
    """opus, sonnet, haiku or a full id; empty: what the persona's file says."""
    fallback: str = "sonnet"
    persona: Path | None = None
    """A persona file of your own."""
    region: str = ""
    project: str = ""
    max_turns: int = Field(default=8, ge=1, le=50)
    max_input_tokens: int = Field(default=150_000, ge=5_000)
    max_output_tokens: int = Field(default=16_000, ge=500)
    max_seconds: float = Field(default=120.0, gt=0)
    max_usd: float = Field(default=1.0, gt=0)
    stream: bool = True
    effort: Literal["low", "medium", "high", "max"] = "medium"
    incident_usd: float = Field(default=5.0, gt=0)
    channel_usd: float = Field(default=25.0, gt=0)
    daily_usd: float = Field(default=50.0, gt=0)


class RedisSettings(Value):
    """Where state lives. Without a URL an embedded Valkey is started under the user's state directory."""

    url: SecretStr | None = None
    """`redis://`, `rediss://`, `unix://`, `redis+sentinel://host:port,host:port/service`, `redis+cluster://host:port`."""
    prefix: str = "chatops"
    ttl_days: float = Field(default=30.0, gt=0)


class WebhookSettings(Value):
    """Who may send alerts. With neither, only loopback may."""

    token: SecretStr | None = None
    """Bearer token that senders must show."""
    username: str = ""
    password: SecretStr | None = None
    max_bytes: int = Field(default=1_000_000, ge=1_000)
    sns_topics: tuple[str, ...] = ()
    """ARNs of the topics whose subscription is confirmed and whose messages are taken."""
    sns_cert_hosts: tuple[str, ...] = ()
    """Hosts from which a signing certificate is taken beside AWS's own (for tests and private endpoints)."""
    pagerduty_secret: SecretStr | None = None
    generic: Mapping[str, str] = {}
    """Field of an alert → dotted path in the payload, for `POST /webhooks/generic`."""


class StormSettings(Value):
    """What holds when many alerts come at once."""

    correlate_minutes: float = Field(default=30.0, ge=0)
    """Alerts this near in time may belong to one outage; 0: only a source's own groups do."""
    correlate_from: float = Field(default=0.5, gt=0, le=1)
    """The score (0–1) from which an alert is told in another incident's thread."""
    crowded: int = Field(default=10, ge=1)
    """With so many open incidents in one namespace, being in the same namespace and time is enough."""
    per_minute: float = Field(default=60.0, gt=0)
    """Investigations of one rank (severity, error budget) begun in a minute; the most severe never wait."""
    channel_per_minute: float = Field(default=15.0, gt=0)
    """The same for one channel: each posts two messages, Slack takes one a second, and severe ones need room."""
    at_once: int = Field(default=3, ge=1)
    """Investigations of one rank that begin at once in a channel before the others wait for their turn."""
    per_day: int = Field(default=2_000, ge=1)
    """Investigations of alerts in a day; further alerts are told and not investigated."""
    flaps: int = Field(default=3, ge=1)
    """An incident that was re-opened so often is told and not investigated again until it was quiet."""


class Route(Value):
    """Where alerts with these labels go; the first route that matches decides."""

    match: Mapping[str, str] = {}
    channel: str = ""
    environment: str = ""
    persona: str = ""
    mute: tuple[str, ...] = ()
    """Daily UTC times (`22:00-06:00`) in which alerts are recorded, not told; what fires at their end is told then."""


class Service(Value):
    """One row of the service catalogue: what a name in a question or a label stands for."""

    namespace: str = ""
    workload: str = ""
    aliases: tuple[str, ...] = ()
    selectors: Mapping[str, str] = {}
    log_groups: tuple[str, ...] = ()
    dimensions: Mapping[str, str] = {}
    environment: str = ""
    channel: str = ""
    """Where its alerts are told, unless a route names another channel."""
    depends_on: tuple[str, ...] = ()
    """Services of the catalogue that this one calls: their alerts and its own are one outage."""


class Environment(Value):
    """One cluster, Prometheus and account that belong together; chosen by label or by channel."""

    match: Mapping[str, str] = {}
    channels: tuple[str, ...] = ()
    prometheus: Mapping[str, Any] = {}
    kubernetes: Mapping[str, Any] = {}
    cloudwatch: Mapping[str, Any] = {}
    connectors: Mapping[str, Mapping[str, Any]] = {}
    """Options of third-party connectors, by their entry point's name."""


class TracesSettings(Value):
    """Where traces of investigations go (OpenTelemetry). Without an endpoint nothing is traced."""

    otlp_endpoint: str = ""
    """An OTLP receiver over HTTP, as `http://collector:4318`. Needs `chatops[otel]`; the image has it."""
    share: float = Field(default=1.0, ge=0, le=1)
    """The share of incidents that are traced."""

    @field_validator("otlp_endpoint")
    @classmethod
    def _http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https:// (OTLP over HTTP, port 4318 as a rule)")
        return url


class RedactionSettings(Value):
    """What else than secrets must not leave."""

    personal_data: bool = False
    """Also e-mail addresses, card numbers and public IP addresses."""
    placeholders: bool = False
    """Names of nodes and hosts become placeholders for the model, and are put back in its answer."""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="CHATOPS_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    """The address people's browsers reach this app at, for links to the investigation page."""
    state_dir: Path | None = None
    link_secret: SecretStr | None = None
    """Signs links to the page; without it a random one is kept in the state directory."""
    gather_seconds: float = Field(default=10.0, gt=0)
    triage_seconds: float = Field(default=180.0, gt=0)
    workers: int = Field(default=8, ge=1, le=256)
    """Investigations at a time in one worker process; half as many more for severe alerts and for people."""
    lease_seconds: float = Field(default=30.0, gt=0)
    """After so long without a sign of life from a worker, another one continues its jobs."""
    reopen_minutes: float = Field(default=30.0, ge=0)
    """A resolved alert that fires again within this time re-opens its incident."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    slack: SlackSettings = SlackSettings()
    model: ModelSettings = ModelSettings()
    redis: RedisSettings = RedisSettings()
    webhooks: WebhookSettings = WebhookSettings()
    storm: StormSettings = StormSettings()
    redaction: RedactionSettings = RedactionSettings()
    traces: TracesSettings = TracesSettings()
    prometheus: Mapping[str, Any] = {}
    kubernetes: Mapping[str, Any] = {}
    cloudwatch: Mapping[str, Any] = {}
    connectors: Mapping[str, Mapping[str, Any]] = {}
    environments: Mapping[str, Environment] = {}
    services: Mapping[str, Service] = {}
    catalogue: Path | None = None
    """A YAML file with more services, of the form of `services`."""
    routes: tuple[Route, ...] = ()
    runbooks: tuple[str, ...] = ()
    """Folders or git URLs with runbooks of your own."""
    runbook_base_url: str = ""
    """Where runbook pages can be read by people; links to them start with it."""

    @field_validator("public_url", "runbook_base_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over secret files over the YAML file."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if os.environ.get("CHATOPS_SECRETS_DIR"):
            sources.append(
                NestedSecretsSettingsSource(file_secret_settings, secrets_dir=os.environ["CHATOPS_SECRETS_DIR"])
            )
        if os.environ.get("CHATOPS_CONFIG"):
            sources.append(YamlConfigSettingsSource(settings_cls, yaml_file=os.environ["CHATOPS_CONFIG"]))
        return tuple(sources)

    def environment_options(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """Environment → connector → options; `default` is what stands at the top level."""
        own = {"prometheus": self.prometheus, "kubernetes": self.kubernetes, "cloudwatch": self.cloudwatch}
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        if not self.environments or any(own.values()) or self.connectors:
            found["default"] = {**own, **self.connectors}
        for name, env in self.environments.items():
            found[name] = {
                "prometheus": env.prometheus,
                "kubernetes": env.kubernetes,
                "cloudwatch": env.cloudwatch,
                **env.connectors,
            }
        return found


def load(**changes: Any) -> Settings:
    """Read the settings; raise `SettingsError` with one line that names the key and what is expected."""
    _look_at(os.environ.get("CHATOPS_CONFIG"))
    if unknown := settings_problems.unknown_variables(os.environ, Settings):
        raise SettingsError("; ".join(unknown))
    try:
        settings = Settings(**changes)
        return settings.model_copy(update={"services": _catalogue(settings)}) if settings.catalogue else settings
    except ValidationError as error:
        raise SettingsError(settings_problems.line(error, Settings)) from error
    except SettingsError:
        raise
    except pydantic_settings.SettingsError as error:
        raise SettingsError(settings_problems.not_json(os.environ, Settings) or str(error)) from error


def _look_at(config: str | None) -> None:
    """Raise SettingsError for a file that is none, is no YAML, or holds something else than settings."""
    if not config:
        return
    try:
        document = yaml.safe_load(Path(config).read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"CHATOPS_CONFIG: there is no file {config}, or it may not be read") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"CHATOPS_CONFIG {config}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(document, dict | None):
        raise SettingsError(f"CHATOPS_CONFIG {config}: a mapping of settings is expected")


def _catalogue(settings: Settings) -> Mapping[str, Service]:
    path = settings.catalogue
    if path is None or not path.is_file():
        raise SettingsError(f"catalogue (CHATOPS_CATALOGUE): there is no file {path}")
    try:
        rows = yaml.safe_load(path.read_text("utf-8")) or {}
        return {**{name: Service(**row) for name, row in rows.items()}, **settings.services}
    except ValidationError as error:
        raise SettingsError(settings_problems.line(error, Service, f"catalogue {path}: ")) from error
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise SettingsError(f"catalogue {path}: not a mapping of service names to fields ({error})") from error
