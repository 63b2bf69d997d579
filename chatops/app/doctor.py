"""What works and what does not: every dependency and permission, each with what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Literal, NamedTuple

from chatops.app.parts import home, open_connectors, open_library, persona_model
from chatops.app.surface import open_provider
from chatops.embedded import EmbeddedFailed, embedded_valkey
from chatops.settings import Settings, SettingsError
from chatops.store import RedisStore, close, connect
from chatops.store.health import health as store_health
from connectors.contract import Connector, Health

State = Literal["works", "broken", "not configured"]
_UNSET = {
    "prometheus": "CHATOPS_PROMETHEUS__URL is not set",
    "kubernetes": "no kubeconfig (KUBECONFIG, ~/.kube/config), and not in a cluster",
    "cloudwatch": "nothing says how to reach AWS (AWS_REGION, AWS_PROFILE, ~/.aws)",
}
"""What a source lacks that is not configured."""
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
    """Try everything once, the parts at the same time. Never raises for what is broken."""
    parts = (
        _app(settings), _redis(settings), _sources(settings), _runbooks(settings), _slack(settings), _model(settings),
    )  # fmt: skip
    return [row for rows in await asyncio.gather(*parts) for row in rows]


def _rows(part: str, lines: Iterable[Health], *, source: bool = False) -> list[Row]:
    return [Row(part, x.name, "works" if x.ok else "broken", x.detail, x.remedy, source) for x in lines]


async def _app(settings: Settings) -> list[Row]:
    """Settings that each can be used and do not fit each other."""
    lines = []
    if settings.redis.url is not None and settings.link_secret is None:
        detail = "several processes share a Redis and each makes up its own: links of one are refused by the others"
        lines.append(Health("link secret", False, detail, "set CHATOPS_LINK_SECRET, the same for all"))
    if (
        settings.slack.signing_secret
        and not settings.slack.app_token
        and not settings.public_url.startswith("https://")
    ):
        detail = f"Slack calls the app over HTTP, and public_url is {settings.public_url or 'not set'}"
        lines.append(Health("public url", False, detail, "set CHATOPS_PUBLIC_URL to the https:// address"))
    if settings.host not in ("127.0.0.1", "::1", "localhost") and not _webhooks_guarded(settings):
        detail = f"it listens on {settings.host}, and alerts from other machines are refused without credentials"
        lines.append(Health("webhooks", False, detail, "set CHATOPS_WEBHOOKS__TOKEN, and send it as a bearer token"))
    for name, variable, given, begins in (
        ("bot token", "BOT_TOKEN", settings.slack.bot_token, ("xoxb-", "xoxe.")),
        ("app token", "APP_TOKEN", settings.slack.app_token, ("xapp-",)),
    ):
        if given and not given.get_secret_value().startswith(begins):
            detail = f"it does not begin with {begins[0]}: this is another kind of token"
            lines.append(Health(name, False, detail, f"set CHATOPS_SLACK__{variable} to the one that does"))
    return _rows("app", lines or [Health("settings", True, "fit each other")])


async def _runbooks(settings: Settings) -> list[Row]:
    """Whether the folders are there and the repositories can be cloned."""
    if not settings.runbooks:
        return []
    library = open_library(settings)
    problems = await asyncio.to_thread(library.update)
    told = ", ".join(f"{count} of {source}" for source, count in library.stats().sources.items())
    remedy = "check CHATOPS_RUNBOOKS: folders, or git addresses as URL#BRANCH:FOLDER"
    lines = [Health("runbooks", False, problem, remedy) for problem in problems]
    return _rows("runbooks", lines or [Health("runbooks", True, f"pages: {told}")])


def _webhooks_guarded(settings: Settings) -> bool:
    own = settings.webhooks
    return bool(own.token or own.password or own.pagerduty_secret or own.sns_topics)


async def _redis(settings: Settings) -> list[Row]:
    try:
        async with _store(settings) as store:
            return _rows("redis", await store_health(store, "" if settings.redis.url else "embedded Valkey"))
    except (EmbeddedFailed, ValueError) as error:
        return [Row("redis", "reachable", "broken", str(error), "correct CHATOPS_REDIS__URL")]


@contextlib.asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[RedisStore]:
    with contextlib.ExitStack() as stack:
        own = settings.redis.url
        url = own.get_secret_value() if own else stack.enter_context(embedded_valkey(home(settings) / "valkey"))
        client = connect(url)
        try:
            yield RedisStore(client, settings.redis.prefix)
        finally:
            await close(client)


async def _sources(settings: Settings) -> list[Row]:
    rows: list[Row] = []
    asked: list[Awaitable[list[Row]]] = []

    def unfinished(where: str, lacking: str) -> None:
        rows.append(Row(where.partition(" ")[0], "configured", "not configured", f"{lacking} ({where})", source=True))

    for environment, connectors in open_connectors(settings, unfinished=unfinished).items():
        for source, connector in connectors.items():
            part = source if environment == "default" else f"{source}/{environment}"
            if connector is None:
                hint = _UNSET.get(source, f"CHATOPS_CONNECTORS__{source.upper()}__… in the settings")
                rows.append(Row(part, "configured", "not configured", hint, source=True))
            else:
                asked.append(_source(part, connector))
    return [*rows, *(row for found in await asyncio.gather(*asked) for row in found)]


async def _source(part: str, connector: Connector) -> list[Row]:
    try:
        return _rows(part, await connector.health(), source=True)
    except Exception as bug:  # noqa: BLE001 - a connector of a third party must not end the examination
        detail = f"its own examination failed: {type(bug).__name__}: {bug}"
        return [Row(part, "health", "broken", detail, "tell whoever wrote the connector", source=True)]
    finally:
        await connector.aclose()


async def _slack(settings: Settings) -> list[Row]:
    signing = _rows("slack", await _sign_in(settings))
    if settings.slack.bot_token is None:
        return [Row("slack", "configured", "not configured", "CHATOPS_SLACK__BOT_TOKEN is not set"), *signing]
    from chatops.slack.health import health

    return [*_rows("slack", await health(settings.slack)), *signing]


async def _sign_in(settings: Settings) -> list[Health]:
    """Whether people can sign in to read pages, where they are meant to."""
    if settings.slack.sign_in == "off":
        return []
    from chatops.slack.openid import NotProven
    from chatops.slack.signin import BACK

    try:
        keys = await open_provider(settings).keys()
    except SettingsError as error:
        return [Health("sign-in", False, "it lacks the app's client id, its secret or public_url", str(error))]
    except NotProven as error:
        return [Health("sign-in", False, str(error), f"reach {settings.slack.base_url} from this machine")]
    back = settings.public_url + BACK
    if not back.startswith("https://"):
        remedy = "set CHATOPS_PUBLIC_URL to the https:// address"
        return [Health("sign-in", False, f"Slack sends nobody back to {back}", remedy)]
    detail = f"{settings.slack.sign_in}; Slack publishes {keys} keys; the app's manifest must name {back}"
    return [Health("sign-in", True, detail)]


async def _model(settings: Settings) -> list[Row]:
    if settings.model.provider == "none":
        return [Row("model", "configured", "not configured", "model.provider is none: rules alone")]
    from chatops.persona.model.health import health

    model, file = persona_model(settings, "")
    if lines := await health(model, file.model or "opus", os.environ):
        return _rows("model", lines)
    return [Row("model", "configured", "not configured", "no key for the model (ANTHROPIC_API_KEY): rules alone")]
