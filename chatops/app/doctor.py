"""What works and what does not: every dependency and permission, each with what to do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

from chatops.app.parts import home, open_connectors
from chatops.domain.ports import StoreUnavailable
from chatops.embedded import EmbeddedFailed, embedded_valkey
from chatops.settings import Settings
from chatops.store import RedisStore, close, connect
from connectors.contract import Health

State = Literal["works", "broken", "not configured"]
_MARKS: dict[State, str] = {"works": "✔", "broken": "✘", "not configured": "–"}


class Row(NamedTuple):
    """One line: the part (redis, slack, kubernetes …), what was tried, how it went, what to do."""

    part: str
    name: str
    state: State
    detail: str
    remedy: str = ""
    source: bool = False
    """Whether it is a source of context."""

    @property
    def mark(self) -> str:
        """The state as one character."""
        return _MARKS[self.state]


async def examine(settings: Settings) -> list[Row]:
    """Try everything once. Never raises for what is broken."""
    rows = await _redis(settings)
    rows += await _sources(settings)
    rows += await _slack(settings)
    rows += _model(settings)
    return rows


async def _redis(settings: Settings) -> list[Row]:
    try:
        async with _store(settings) as (store, url):
            await store.ping()
            return await _persistence(store, embedded=url.startswith("unix:") and settings.redis.url is None)
    except (StoreUnavailable, EmbeddedFailed, ValueError) as error:
        return [Row("redis", "reachable", "broken", str(error), "start it, or correct CHATOPS_REDIS__URL")]


@contextlib.asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[tuple[RedisStore, str]]:
    with contextlib.ExitStack() as stack:
        own = settings.redis.url
        url = own.get_secret_value() if own else stack.enter_context(embedded_valkey(home(settings) / "valkey"))
        client = connect(url)
        try:
            yield RedisStore(client, settings.redis.prefix), url
        finally:
            await close(client)


async def _persistence(store: RedisStore, *, embedded: bool) -> list[Row]:
    facts = await store.server_facts()
    where = "embedded Valkey" if embedded else f"{facts.get('name', 'server')} {facts.get('version', '')}".strip()
    rows = [Row("redis", "reachable", "works", where)]
    append, policy = facts.get("appendonly"), facts.get("maxmemory-policy")
    if append is None:
        rows.append(Row("redis", "persistence", "not configured", "CONFIG GET is not permitted, so it is not known"))
        return rows
    durable = Row("redis", "persistence", "works", "append-only file is on")
    lossy = Row(
        "redis",
        "persistence",
        "broken",
        "no append-only file: a crash of Redis loses alerts",
        "CONFIG SET appendonly yes",
    )
    rows.append(durable if append == "yes" else lossy)
    keeps = policy in ("noeviction", None) or str(policy).startswith("volatile")
    detail = f"maxmemory-policy is {policy}"
    rows.append(
        Row(
            "redis",
            "eviction",
            "works" if keeps else "broken",
            detail,
            "" if keeps else "CONFIG SET maxmemory-policy noeviction",
        )
    )
    return rows


async def _sources(settings: Settings) -> list[Row]:
    rows: list[Row] = []
    for environment, connectors in open_connectors(settings).items():
        for source, connector in connectors.items():
            part = source if environment == "default" else f"{source}/{environment}"
            if connector is None:
                hint = f"CHATOPS_{source.upper()}__… in the settings"
                rows.append(Row(part, "configured", "not configured", hint, source=True))
                continue
            lines = await connector.health()
            rows += [_row(part, line, source=True) for line in lines]
            await connector.aclose()
    return rows


def _row(part: str, line: Health, *, source: bool = False) -> Row:
    return Row(part, line.name, "works" if line.ok else "broken", line.detail, line.remedy, source)


async def _slack(settings: Settings) -> list[Row]:
    if settings.slack.bot_token is None:
        return [Row("slack", "configured", "not configured", "CHATOPS_SLACK__BOT_TOKEN is not set")]
    from chatops.slack.health import health

    return [_row("slack", line) for line in await health(settings.slack)]


def _model(settings: Settings) -> list[Row]:
    import os

    from chatops.persona.clients import configured
    from chatops.persona.models import ModelSettings

    if settings.model.provider == "none":
        return [Row("model", "configured", "not configured", "model.provider is none: rules alone")]
    provider = {"anthropic": "api"}.get(settings.model.provider, settings.model.provider)
    model = ModelSettings.model_validate(
        {
            "provider": provider,
            "api_key": settings.model.api_key,
            "region": settings.model.region,
            "project": settings.model.project,
        }
    )
    if not configured(model, os.environ):
        return [Row("model", "configured", "not configured", "no key for the model (ANTHROPIC_API_KEY): rules alone")]
    return [Row("model", "configured", "works", f"{settings.model.provider}; the key is tried with the first incident")]
