"""Providers at the wire, failures by kind, and what an answer costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.domain.diagnosis import Usage
from chatops.domain.ports import Watcher
from chatops.persona.errors import PersonaError
from chatops.persona.model.models import Endpoint, ModelSettings, cost, model_id
from tests.persona.cases import Pauses, case, persona, toolbox
from tests.persona.messages_api import Say, call, events, overloaded, serving, submit, text

REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "why?"}],
    "tools": [{"name": "submit_diagnosis", "description": "d", "input_schema": {"type": "object"}}],
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
    "output_config": {"effort": "low"},
}
BEDROCK: dict[str, Any] = {"provider": "bedrock", "region": "eu-central-1", "api_key": SecretStr("bedrock-" + "token")}
VERTEX: dict[str, Any] = {
    "provider": "vertex",
    "region": "europe-west1",
    "project": "p1",
    "api_key": SecretStr("vertex-" + "token"),
}


async def nobody(text: str, answer: str) -> None:
    return None


async def ask(url: str, **settings: Any) -> Any:
    endpoint = Endpoint(ModelSettings(**{"base_url": url, **settings}), {})
    try:
        return await endpoint.ask(REQUEST, 10, nobody)
    finally:
        await endpoint.aclose()


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (overloaded(), "overloaded"),
        (Say(status=429, error="rate_limit_error"), "rate limited"),
        (Say(status=500, error="api_error"), "unavailable"),
        (Say(status=503, body=b"<html>no</html>"), "unavailable"),
        (Say(status=504, error="timeout_error"), "timeout"),
        (Say(status=401, error="authentication_error"), "denied"),
        (Say(status=402, error="billing_error"), "denied"),
        (Say(status=403, error="permission_error"), "denied"),
        (Say(status=404, error="not_found_error"), "not found"),
        (Say(status=400, error="invalid_request_error"), "rejected"),
        (Say(status=413, error="request_too_large"), "rejected"),
        (Say(body=b"<html>a proxy</html>", headers={"content-type": "text/html"}), "garbage"),
        (Say(body=b'{"hello": 1}'), "garbage"),
        (Say(body=b"event: message_start\ndata: {nope\n\n", headers={"content-type": "text/event-stream"}), "garbage"),
        (Say([submit()], events=4, ending="error", error="overloaded_error"), "overloaded"),
        (Say([submit()], events=4, ending="error", error="api_error"), "unavailable"),
        (Say([submit()], events=4, ending="abort"), "cut"),
        (Say([submit()], events=4, ending="clean"), "cut"),
    ],
)
async def test_every_failure_has_its_kind(say: Say, kind: str) -> None:
    async with serving([say]) as api:
        with pytest.raises(PersonaError) as failed:
            await ask(api.url)
    assert failed.value.kind == kind
    assert len(api.requests) == 1


async def test_nobody_listening_is_unavailable() -> None:
    async with serving([]) as api:
        url = api.url
    with pytest.raises(PersonaError) as failed:
        await ask(url)
    assert failed.value.kind == "unavailable"


async def test_a_server_that_says_nothing_times_out() -> None:
    async with serving([Say([submit()], delay=30)]) as api:
        endpoint = Endpoint(ModelSettings(base_url=api.url), {})
        with pytest.raises(PersonaError) as failed:
            await endpoint.ask(REQUEST, 0.3, nobody)
        await endpoint.aclose()
    assert failed.value.kind == "timeout"


async def test_retry_after_is_read_from_the_answer() -> None:
    async with serving([overloaded(retry_after="7")]) as api:
        with pytest.raises(PersonaError) as failed:
            await ask(api.url)
    assert failed.value.retry_after == 7.0


async def test_an_endpoint_that_never_streams_is_understood() -> None:
    async with serving([Say([submit()], only_json=True), Say([submit()], only_json=True)]) as api:
        endpoint = Endpoint(ModelSettings(base_url=api.url), {})
        first = await endpoint.ask(REQUEST, 10, nobody)
        again = await endpoint.ask(REQUEST, 10, nobody)
        await endpoint.aclose()
    assert first.calls == again.calls
    assert [request.get("stream") for request in api.requests] == [True, True]


WHOLE = json.dumps({"type": "message", "content": [submit()], "stop_reason": "tool_use"}, indent=1)
TOLD = "".join(f"data: {json.dumps(event)}\n\n" for event in events(Say([submit()])))


@pytest.mark.parametrize("kind", ["text/event-stream", "text/plain", "application/json"])
@pytest.mark.parametrize("body", [WHOLE, TOLD], ids=["message", "events"])
@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_is_read_whatever_a_gateway_calls_it(kind: str, body: str, stream: bool) -> None:
    async with serving([Say(body=body.encode(), headers={"content-type": kind})]) as api:
        endpoint = Endpoint(ModelSettings(base_url=api.url, stream=stream), {})
        got = await endpoint.ask(REQUEST, 10, nobody)
        await endpoint.aclose()
    assert [one.name for one in got.calls] == ["submit_diagnosis"]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("output_config: Extra inputs are not permitted", "output_config"),
        ("messages.0.content.0.text.cache_control: Extra inputs are not permitted", "cache_control"),
    ],
)
async def test_a_field_an_endpoint_refuses_is_left_out_from_then_on(message: str, field: str) -> None:
    body = ('{"type":"error","error":{"type":"invalid_request_error","message":"' + message + '"}}').encode()
    async with serving([Say(status=400, body=body), Say([submit()]), Say([submit()])]) as api:
        endpoint = Endpoint(ModelSettings(base_url=api.url), {})
        await endpoint.ask(REQUEST, 10, nobody)
        await endpoint.ask(REQUEST, 10, nobody)
        await endpoint.aclose()
    assert [field in str(request) for request in api.requests] == [True, False, False]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("cloud", "path", "key"),
    [
        (BEDROCK, "/model/anthropic.claude-opus-5-5/invoke", "Bearer bedrock-token"),
        (
            VERTEX,
            "/projects/p1/locations/europe-west1/publishers/anthropic/models/claude-opus-5-5:",
            "Bearer vertex-token",
        ),
    ],
)
async def test_the_same_loop_on_bedrock_and_vertex(cloud: dict[str, Any], path: str, key: str, stream: bool) -> None:
    async with serving([Say([text("I look."), call("pod_logs", {"name": "cart"})]), Say([submit()])]) as api:
        result = await persona(api.url, stream=stream, **cloud).diagnose(case(), toolbox(), Watcher())
    assert result.stopped == ""
    assert result.proposal is not None
    assert all(asked.startswith(path) for asked in api.paths)
    assert {headers["authorization"] for headers in api.headers} == {key}
    assert result.usage.output_tokens == 200


async def test_a_role_signs_the_request_to_bedrock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as a pod's or an instance's role gives them: with a session token, by boto3's chain."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s" * 40)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    async with serving([Say([submit()])]) as api:
        result = await persona(api.url, **{**BEDROCK, "api_key": None}).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    (headers,) = api.headers
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/bedrock/aws4_request" in headers["authorization"]
    assert headers["x-amz-security-token"] == "session"


@pytest.mark.parametrize(("frame", "pauses"), [("throttlingException", [0.5]), ("internalServerException", [0.5])])
async def test_an_exception_frame_of_bedrock_is_asked_again(frame: str, pauses: list[float]) -> None:
    taken = Pauses()
    first = Say([submit()], events=4, ending="error", error=frame)
    async with serving([first, Say([submit()])]) as api:
        result = await persona(api.url, taken, fallback="", **BEDROCK).diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert taken.taken == pauses


def test_names_of_models() -> None:
    assert model_id("opus") == "claude-opus-5-5"
    assert model_id("Haiku", "bedrock") == "anthropic.claude-haiku-5-5"
    assert model_id("claude-sonnet-4-6") == "claude-sonnet-4-6"
    assert model_id("") == ""


def test_the_cache_is_priced() -> None:
    used = Usage(input_tokens=1_000_000, output_tokens=100_000, cache_read_input_tokens=1_000_000)
    assert cost("claude-sonnet-5-5", used) == pytest.approx(2.0 + 0.2 + 1.0)
    assert cost("claude-unheard-of", used) > cost("claude-fable-5-1", used)
    assert cost("anthropic.claude-opus-5-5", used) < cost("claude-opus-4-8", used) < cost("claude-opus-4-1", used)


def test_settings_of_the_application_are_understood() -> None:
    from chatops.settings import ModelSettings as Outer

    read = ModelSettings.model_validate(Outer(max_turns=3, effort="high"))
    assert (read.provider, read.max_turns, read.effort) == ("api", 3, "high")
