"""The parts of an investigation, opened from settings: connectors, gatherers, library, persona, investigator."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from chatops.app.options import Asked, unknown
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, Persona, StoreUnavailable, Toolbox
from chatops.embedded import embedded_valkey, state_dir
from chatops.policy.reach import Reach, of_channel
from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import FormatScan, Span
from chatops.policy.untrusted import Fence
from chatops.runbook_index import Library, from_settings
from chatops.runbook_index.sources import Source
from chatops.settings import Settings, SettingsError
from chatops.store import RedisStore, close, connect
from chatops.telemetry import Metrics, log
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Investigator
from chatops.triage.limited import limited
from connectors.contract import Connector, ConnectorError, ConnectorSettings, OpenConnector, Tape
from connectors.evidence import Evidence

if TYPE_CHECKING:  # the persona is imported when the first incident asks for it
    from chatops.persona.model.models import ModelSettings
    from chatops.persona.personafile import PersonaFile

Connectors = Mapping[str, Connector | None]
"""Source → its connector, None where it is not configured."""


@dataclass(frozen=True)
class Parts:
    """What an investigation needs, and nothing of Slack or Redis."""

    settings: Settings
    environments: Mapping[str, Connectors]
    library: Library
    investigator: Investigator
    personas: Callable[[str], Persona | None]
    redactor: Callable[[str], Redactor]


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def home(settings: Settings) -> Path:
    """The directory for state on this machine."""
    if settings.state_dir is None:
        return state_dir()
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.state_dir


def link_key(settings: Settings) -> bytes:
    """The key that signs links and makes tags of secrets: from the settings, or made once and kept."""
    if settings.link_secret is not None:
        return settings.link_secret.get_secret_value().encode()
    path = home(settings) / "link.key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _warn(where: str, unfinished: str) -> None:
    log.warning("source not asked", source=where, reason=unfinished)


def open_connectors(
    settings: Settings, tape: Tape | None = None, unfinished: Callable[[str, str], None] = _warn
) -> dict[str, Connectors]:
    """Environment → source → connector, by the entry points of the groups `chatops.connectors` and `….optional`.

    A connector of the first group that is not configured is None, and told as such wherever it is missed; one of
    the second is absent: nobody misses a Zipkin where traces are in Tempo. `unfinished` is told which of them has
    options, and not those that it needs.
    """
    expected, optional = _openers("chatops.connectors"), _openers("chatops.connectors.optional")
    openers = {**optional, **expected}
    found: dict[str, Connectors] = {}
    for environment, options in settings.environment_options().items():
        unknown = set(options) - set(openers)
        if unknown:
            known = ", ".join(sorted(openers))
            raise SettingsError(f"connectors.{min(unknown)}: no such connector is installed; there are: {known}")
        opened = {
            name: _opened(name, opener, ConnectorSettings(environment, dict(options.get(name, {})), tape), unfinished)
            for name, opener in openers.items()
        }
        found[environment] = {name: one for name, one in opened.items() if one is not None or name in expected}
    return found


def _openers(group: str) -> dict[str, OpenConnector]:
    return {one.name: _loaded(one) for one in entry_points(group=group)}


def _loaded(entry: EntryPoint) -> OpenConnector:
    """A package of somebody else that cannot be imported is named, and so is what to do."""
    try:
        loaded: OpenConnector = entry.load()
    except Exception as error:
        package = entry.dist.name if entry.dist else "a package"
        raise SettingsError(
            f"connector {entry.name} ({entry.value} of {package}) cannot be loaded: "
            f"{type(error).__name__}: {error}; install that package again, or remove it"
        ) from error
    return loaded


def _opened(
    name: str, opener: OpenConnector, settings: ConnectorSettings, unfinished: Callable[[str, str], None]
) -> Connector | None:
    asked = Asked(settings.options)
    key = name.upper() if name in Settings.model_fields else f"CONNECTORS__{name.upper()}"
    where = f"{name} (CHATOPS_{key}__…), environment {settings.environment}"
    try:
        if wrong := unknown(opener, settings.options):
            raise ValueError(wrong)
        opened = opener(replace(settings, options=asked))
    except (ConnectorError, ValueError) as error:
        raise SettingsError(f"{where}: {error}") from error
    except (TypeError, AttributeError) as error:
        raise SettingsError(f"{where}: {asked.unusable()}") from error
    if opened is None and name not in Settings.model_fields and (lacking := asked.unfinished()):
        unfinished(where, lacking)
    return opened


@contextlib.asynccontextmanager
async def open_parts(
    settings: Settings,
    *,
    model: bool = True,
    metrics: Metrics | None = None,
    store: IncidentStore | None = None,
    patience: float = 1.0,
    environments: Mapping[str, Connectors] | None = None,
) -> AsyncIterator[Parts]:
    """Open everything an investigation needs; close it on leaving. SettingsError names what cannot be used.

    With a store, the persona's conversation and its tools' answers are kept in it, so that a run that
    was cut off is continued. Connectors that are opened already are taken as they are, and closed too.
    """
    key = link_key(settings)
    if environments is None:
        environments = open_connectors(settings)
    formats = FormatScan()
    personal = _personal() if settings.redaction.personal_data else ()

    def redactor(incident_id: str) -> Redactor:
        return Redactor(key=key + incident_id.encode(), personal=personal, formats=formats)

    gatherers = {
        name: Gatherer(connectors, redactor, settings.gather_seconds * patience, patience=patience, metrics=metrics)
        for name, connectors in environments.items()
    }
    library = open_library(settings)
    personas = _personas(settings, store) if model and settings.model.provider != "none" else (lambda name: None)

    def reach(incident: Incident) -> Reach:
        may = of_channel(settings.slack.channels, incident.thread.channel)
        return may.and_namespace(incident.scope.namespace if incident.origin == "alert" else "")

    def toolbox(incident: Incident, evidence: Sequence[Evidence], run: str) -> Toolbox:
        from chatops.persona.journal import StoreMemory
        from chatops.persona.toolbox.tools import ConnectorTools

        connectors = limited(
            environments.get(incident.scope.environment) or next(iter(environments.values())), reach(incident)
        )
        own = redactor(incident.id)
        return ConnectorTools(
            [one for one in connectors.values() if one is not None],
            incident.inquiry,
            redact=own.evidence,
            redact_text=own.text,
            known=evidence,
            memory=StoreMemory(store, run) if store is not None else None,
            fence=Fence.of(key, run),
        )

    investigator = Investigator(gatherers, library, personas, toolbox, reach)
    try:
        yield Parts(settings, environments, library, investigator, personas, redactor)
    finally:
        for connectors in environments.values():
            for connector in connectors.values():
                if connector is not None:
                    await connector.aclose()


def _personal() -> tuple[Callable[[str], Iterable[Span]], ...]:
    from chatops.policy.redaction.personal import PERSONAL

    return PERSONAL


@contextlib.asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[RedisStore]:
    """The store of the settings, or the embedded one; SettingsError where it does not answer."""
    with contextlib.ExitStack() as stack:
        own = settings.redis.url
        url = own.get_secret_value() if own else stack.enter_context(embedded_valkey(home(settings) / "valkey"))
        try:
            client = connect(url)
        except ValueError as error:
            raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error
        try:
            store = RedisStore(client, settings.redis.prefix, timedelta(days=settings.redis.ttl_days))
            await store.ping()
            yield store
        except StoreUnavailable as error:
            raise SettingsError(f"redis.url (CHATOPS_REDIS__URL): {error}") from error
        finally:
            await close(client)


def open_library(settings: Settings) -> Library:
    """The runbooks that come with the app, and the user's own folders and repositories."""
    return _library(from_settings(settings.runbooks, home(settings) / "runbooks", settings.runbook_base_url))


@lru_cache(maxsize=4)
def _library(sources: tuple[Source, ...]) -> Library:
    """One for the same sources in a process: reading them takes half a second, and a library follows its files."""
    return Library(sources)


def _personas(settings: Settings, store: IncidentStore | None) -> Callable[[str], Persona | None]:
    """Name → persona, opened when first asked for: importing the model's SDK takes seconds."""
    opened: dict[str, Persona | None] = {}

    def persona(name: str) -> Persona | None:
        if name not in opened:
            opened[name] = _persona(settings, store, name)
        return opened[name]

    return persona


def persona_model(settings: Settings, name: str) -> tuple[ModelSettings, PersonaFile]:
    """How the persona of this name (empty: the one that is set) is asked. SettingsError where there is none."""
    from chatops.persona import errors, personafile
    from chatops.persona.model import models

    own = settings.model.model_dump(exclude={"persona", "incident_usd", "channel_usd", "daily_usd", "provider"})
    provider = {"anthropic": "api"}.get(settings.model.provider, settings.model.provider)
    try:
        path = settings.model.persona
        file = personafile.load(name or (str(path) if path else personafile.DEFAULT))
        model = models.ModelSettings.model_validate({**own, "provider": provider})
    except (errors.PersonaError, ValueError) as error:
        raise SettingsError(f"model.persona (CHATOPS_MODEL__PERSONA): {error}") from error
    return model, file


def _persona(settings: Settings, store: IncidentStore | None, name: str) -> Persona | None:
    from chatops.persona import agent, journal

    model, file = persona_model(settings, name)
    kept = journal.StoreJournal(store) if store is not None else None
    return agent.open_persona(model, file, journal=kept, placeholders=settings.redaction.placeholders)
