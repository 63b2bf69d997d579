"""Which model, where, at what price? One attempt at one request, against the API, Bedrock or Vertex.

The only module that touches the SDK, and late: importing it costs seconds and 90 MB, so it happens in
a thread at the first question. Its own retries are off (it obeys any `retry-after`, even two hours);
`chatops.persona.model.asking` does that. The three ways a stream can end early (an `error` event inside it, a
cut connection, a clean end without `message_stop`) all become `PersonaError`. What an older deployment
does not know (effort, the cache) it refuses by name with a 400: the field is left out from then on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from chatops.domain.diagnosis import Usage
from chatops.persona.errors import PersonaError, kind_of
from chatops.persona.model.clients import open_client
from chatops.persona.model.messages import SUBMIT
from chatops.persona.model.stream import Accumulator, Reply, as_event, from_body

Provider = Literal["api", "bedrock", "vertex", "none"]
OnText = Callable[[str, str], Awaitable[None]]
"""Called with new text for people, and with the words so far of the answer that is being written."""


class ModelSettings(BaseModel):
    """Where the model is and what one investigation may use. An empty field is the default of its provider.

    Reads itself from the settings of the application too: `ModelSettings.model_validate(settings.model)`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    provider: Provider = "api"
    model: str = ""
    """opus, sonnet, haiku or a full id; empty is what the persona file says."""
    fallback: str = "sonnet"
    """Asked when the first one is overloaded or unknown, or declines; empty for none."""
    api_key: SecretStr | None = None
    base_url: str = ""
    region: str = ""
    project: str = ""
    max_turns: int = Field(default=8, ge=1)
    max_input_tokens: int = Field(default=100_000, ge=1_000)
    """All requests of one investigation together, cached or not."""
    max_output_tokens: int = Field(default=8_000, ge=256)
    """One turn."""
    max_seconds: float = Field(default=150.0, gt=0)
    max_usd: float = Field(default=1.0, gt=0)
    stream: bool = True
    effort: Literal["", "low", "medium", "high", "xhigh", "max"] = ""

    @field_validator("provider", mode="before")
    @classmethod
    def _vendor(cls, value: object) -> object:
        return "api" if value == "anthropic" else value


class Price(NamedTuple):
    """US dollars for a million tokens: in, out. Reading the cache costs a tenth or less, writing it a quarter more."""

    input: float
    output: float


PRICES: tuple[tuple[str, Price], ...] = (
    ("opus-5-5", Price(4.0, 20.0)),
    ("sonnet-5-5", Price(2.0, 10.0)),
    ("fable", Price(10.0, 50.0)),
    ("3-opus", Price(15.0, 75.0)),
    ("opus-4-2", Price(15.0, 75.0)),
    ("opus-4-1", Price(15.0, 75.0)),
    ("haiku", Price(1.0, 5.0)),
    ("sonnet", Price(3.0, 15.0)),
    ("opus", Price(5.0, 25.0)),
)
"""List prices of November 2026 by family; of what has several, the highest. The first that occurs in the id counts;
an unknown model is taken for dear, so that a budget holds. `opus-4-2` is Opus 4 with its date."""
_UNKNOWN = Price(15.0, 75.0)

_ALIASES = {"opus": "claude-opus-5-5", "sonnet": "claude-sonnet-5-5", "haiku": "claude-haiku-5-5"}


def model_id(name: str, provider: Provider = "api") -> str:
    """The id a provider knows a model by; a full id (or an inference profile's ARN) stays as it is."""
    known = _ALIASES.get(name.strip().lower())
    if known is None:
        return name.strip()
    return f"anthropic.{known}" if provider == "bedrock" else known


def price(model: str) -> Price:
    """What a model costs."""
    return next((price for family, price in PRICES if family in model), _UNKNOWN)


def cost(model: str, used: Usage) -> float:
    """US dollars for this usage."""
    per_token = price(model)
    read, written = used.cache_read_input_tokens * 0.1, used.cache_creation_input_tokens * 1.25
    return ((used.input_tokens + read + written) * per_token.input + used.output_tokens * per_token.output) / 1e6


def add(one: Usage, other: Usage) -> Usage:
    """Both together."""
    return Usage(**{name: getattr(one, name) + getattr(other, name) for name in Usage.model_fields})


_OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("effort", ("output_config", "effort")),
    ("cache_control", ("cache_control",)),
)


class Endpoint:
    """A Messages API. Holds one client for the life of the process."""

    def __init__(self, settings: ModelSettings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._refused: set[str] = set()

    async def ask(self, request: Mapping[str, Any], timeout: float, on_text: OnText) -> Reply:
        """Ask once; `PersonaError` on every failure but cancellation."""
        client = await self._open()
        try:
            return await self._once(client, request, timeout, on_text)
        except PersonaError as error:
            if error.kind != "rejected" or not self._give_up_field(error.detail):
                raise
            return await self.ask(request, timeout, on_text)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _open(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(open_client, self._settings, self._environ)
            return self._client

    async def _once(self, client: Any, request: Mapping[str, Any], timeout: float, on_text: OnText) -> Reply:
        sent = {**_without(request, self._refused), "timeout": timeout}
        try:
            if not self._settings.stream:
                raw = await client.messages.with_raw_response.create(**sent)
                return from_body(await raw.text())
            return await self._streamed(client, sent, on_text)
        except Exception as error:  # the SDK's, the transport's and the JSON decoder's: sorted by `_failure`
            if (failure := _failure(error)) is None:
                raise
            raise failure from error

    async def _streamed(self, client: Any, sent: Mapping[str, Any], on_text: OnText) -> Reply:
        parts = Accumulator()
        async with await client.messages.create(**sent, stream=True) as stream:
            heard = _Heard(stream.response)
            async for event in _events(stream, heard):
                heard.event = True
                text = parts.feed(event)
                await on_text(text, parts.said(SUBMIT, "answer"))
        if not heard.event and heard.body.strip():
            return from_body(heard.body.decode(errors="replace"))  # it does not stream, whatever it is asked
        return parts.reply()

    def _give_up_field(self, detail: str) -> bool:
        for field, signs in _OPTIONAL:
            if field not in self._refused and any(re.search(rf"\b{sign}\b", detail) for sign in signs):
                self._refused.add(field)
                return True
        return False


class _Heard:
    """The body of a response, kept until there is an event in it."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.body = b""
        self.event = False

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        async for chunk in self._response.aiter_bytes():
            if not self.event:
                self.body += chunk
            yield chunk


async def _events(stream: Any, heard: _Heard) -> AsyncIterator[Mapping[str, Any]]:
    """The events of a stream, as they came.

    Not as the SDK's types: they lack what is newer than the SDK, and need names of events, which gateways leave out.
    Bedrock's frames are the SDK's to take apart.
    """
    if "amazon" in stream.response.headers.get("content-type", ""):
        async for event in stream:
            yield event.to_dict(mode="json")
        return
    async for told in type(stream).raw_events(heard):
        if event := as_event(told.data):
            yield event


def _without(request: Mapping[str, Any], fields: set[str]) -> dict[str, Any]:
    """The request without what this endpoint refused."""
    sent = dict(request)
    if "effort" in fields:
        sent.pop("output_config", None)
    return _pruned(sent, fields & {"cache_control"}) if fields else sent


def _pruned(value: Any, fields: set[str]) -> Any:
    match value:
        case dict():
            return {key: _pruned(item, fields) for key, item in value.items() if key not in fields}
        case list():
            return [_pruned(item, fields) for item in value]
        case _:
            return value


def _failure(error: Exception) -> PersonaError | None:
    """What went wrong, in our terms; None for what is no failure of the endpoint but a bug here."""
    if isinstance(error, PersonaError):
        return error
    name, detail = type(error).__name__, str(error)[:600]
    module = type(error).__module__.partition(".")[0]
    if hasattr(error, "status_code"):
        # by the error's own type first: an error inside a stream has the status 200
        return PersonaError(kind_of(getattr(error, "type", ""), error.status_code), detail, _retry_after(error))
    if "Timeout" in name and module in {"anthropic", "httpx2"}:
        return PersonaError("timeout", detail or name)
    if name == "APIConnectionError" or (module == "httpx2" and name.startswith("Connect")):
        return PersonaError("unavailable", f"{detail}: {error.__cause__ or ''}")
    if module == "httpx2":
        return PersonaError("cut", f"{name}: {detail}")
    if module in {"anthropic", "botocore", "boto3", "google"} or isinstance(error, RuntimeError | ImportError):
        # no credentials where the cloud's chain was asked for them, or its package is not installed
        return PersonaError("denied", f"{name}: {detail}")
    return PersonaError("garbage", f"{name}: {detail}") if isinstance(error, ValueError) else None


def _retry_after(error: Any) -> float | None:
    response = getattr(error, "response", None)
    try:
        return max(float(response.headers["retry-after"]), 0.0) if response is not None else None
    except (KeyError, ValueError):
        return None
