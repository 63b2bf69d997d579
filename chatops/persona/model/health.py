"""Does the model answer with this key? `chatops doctor` asks each one that is set for a single token.

The only question that tells key, network, model and permission for every provider alike: the API's list of models
says nothing about Bedrock, Vertex or a gateway. It costs a few thousandths of a cent.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatops.persona.errors import PersonaError, PersonaErrorKind
from chatops.persona.model.clients import configured
from chatops.persona.model.models import Endpoint, ModelSettings, model_id
from connectors.contract import Health

_SECONDS = 20.0
_REMEDIES: Mapping[PersonaErrorKind, str] = {
    "denied": "check the key (CHATOPS_MODEL__API_KEY or ANTHROPIC_API_KEY) or the role, and the account's credit",
    "not found": "correct model.model and model.fallback, or ask for access to the model",
    "unavailable": "let this machine reach the API (a proxy: HTTPS_PROXY; another address: CHATOPS_MODEL__BASE_URL)",
    "timeout": "let this machine reach the API (a proxy: HTTPS_PROXY; another address: CHATOPS_MODEL__BASE_URL)",
    "rate limited": "wait, or raise the account's limits: answers are given by rules meanwhile",
    "overloaded": "wait: answers are given by the fallback model or by rules meanwhile",
    "garbage": "CHATOPS_MODEL__BASE_URL is not a Messages API: check its address and path",
}


async def health(settings: ModelSettings, default: str, environ: Mapping[str, str]) -> list[Health]:
    """A line for the model and one for its fallback; none where there is nothing to ask with. Never raises."""
    if not configured(settings, environ):
        return []
    names = [settings.model or default, settings.fallback]
    models = dict.fromkeys(model_id(name, settings.provider) for name in names if name)
    # Without streaming: one answer in one piece, and nothing of it is shown.
    endpoint = Endpoint(settings.model_copy(update={"stream": False}), environ)
    try:
        return [await _asked(endpoint, model) for model in models]
    finally:
        await endpoint.aclose()


async def _asked(endpoint: Endpoint, model: str) -> Health:
    request = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "Answer: ok"}]}
    try:
        reply = await endpoint.ask(request, _SECONDS, _unheard)
    except PersonaError as error:
        return Health(model, False, str(error), _REMEDIES.get(error.kind, "look at the message"))
    return Health(model, True, f"answers ({reply.usage.input_tokens} tokens in, {reply.usage.output_tokens} out)")


async def _unheard(text: str, said: str) -> None:
    """Nobody reads it."""
