"""How is the SDK's client opened for each provider, and is there anything to open it with?"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chatops.persona.errors import PersonaError

if TYPE_CHECKING:
    from chatops.persona.model.models import ModelSettings

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE")
_IDENTITY = ("ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE")
_NO_KEY = "no-key"
"""What a local gateway without authentication gets: the SDK insists on sending something."""


def configured(settings: ModelSettings, environ: Mapping[str, str]) -> bool:
    """Whether there is something to ask: a key, an identity, an own endpoint, or a cloud chosen by settings."""
    match settings.provider:
        case "api":
            named = any(environ.get(name) for name in (*_KEYS, *_IDENTITY, "ANTHROPIC_BASE_URL"))
            return named or bool(settings.api_key and settings.api_key.get_secret_value()) or bool(settings.base_url)
        case "bedrock":
            return bool(_region(settings, environ, "AWS_REGION", "AWS_DEFAULT_REGION"))
        case "vertex":
            return bool(_region(settings, environ, "CLOUD_ML_REGION") and _project(settings, environ))
        case "none":
            return False


def open_client(settings: ModelSettings, environ: Mapping[str, str]) -> Any:
    """The asynchronous client of the provider. Imports the SDK: seconds, call it in a thread."""
    try:
        sdk = importlib.import_module("anthropic")
        return _OPEN[settings.provider](sdk, settings, environ)
    except ImportError as error:
        raise PersonaError("denied", f"{error}: install chatops[{settings.provider}]") from error
    except ValueError as error:
        raise PersonaError("denied", str(error)) from error


def _api(sdk: Any, settings: ModelSettings, environ: Mapping[str, str]) -> Any:
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    identified = any(environ.get(name) for name in (*_KEYS, *_IDENTITY))
    return sdk.AsyncAnthropic(
        api_key=key or (None if identified else _NO_KEY), base_url=settings.base_url or None, max_retries=0
    )


def _bedrock(sdk: Any, settings: ModelSettings, environ: Mapping[str, str]) -> Any:
    """Credentials by boto3's chain: the pod's or instance's role, a profile, the environment."""
    return sdk.AsyncAnthropicBedrock(
        aws_region=_region(settings, environ, "AWS_REGION", "AWS_DEFAULT_REGION"),
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        base_url=settings.base_url or None,
        max_retries=0,
    )


def _vertex(sdk: Any, settings: ModelSettings, environ: Mapping[str, str]) -> Any:
    """Credentials by Google's defaults (workload identity); an access token may stand in `api_key`."""
    return sdk.AsyncAnthropicVertex(
        region=_region(settings, environ, "CLOUD_ML_REGION"),
        project_id=_project(settings, environ),
        access_token=settings.api_key.get_secret_value() if settings.api_key else None,
        base_url=settings.base_url or None,
        max_retries=0,
    )


_OPEN: Mapping[str, Callable[[Any, ModelSettings, Mapping[str, str]], Any]] = {
    "api": _api,
    "bedrock": _bedrock,
    "vertex": _vertex,
}


def _region(settings: ModelSettings, environ: Mapping[str, str], *names: str) -> str:
    return settings.region or next((environ[name] for name in names if environ.get(name)), "")


def _project(settings: ModelSettings, environ: Mapping[str, str]) -> str:
    return settings.project or environ.get("ANTHROPIC_VERTEX_PROJECT_ID", "") or environ.get("GOOGLE_CLOUD_PROJECT", "")
