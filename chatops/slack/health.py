"""What may the app do in its workspace? `chatops doctor` asks Slack once and compares scopes with the manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slack_sdk.errors import SlackApiError

from chatops.settings import SlackSettings
from chatops.slack.calls import close_client, open_client
from chatops.slack.manifest import SCOPES, scopes
from connectors.contract import Health

_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_REMEDY = "install the app from `chatops manifest` and set CHATOPS_SLACK__BOT_TOKEN"


async def health(settings: SlackSettings) -> list[Health]:
    """Who the app is, which scopes it lacks, and how it hears Slack. Never raises."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    client = open_client(token, _base(settings))
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        return [Health("token", False, f"auth.test: {error.response.get('error', 'refused')}", _REMEDY)]
    except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises: Slack was not reached
        return [Health("reachable", False, _said(error), f"reach {settings.base_url} from this machine")]
    finally:
        await close_client(client)
    who = f"{told.get('user', '?')} in {told.get('team', '?')}"
    return [Health("token", True, who), _scopes(told.headers), await _hears(settings), *await _channel(settings, token)]


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _scopes(headers: Mapping[str, str]) -> Health:
    """Slack names the token's scopes in a header of every answer."""
    named = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if named is None:
        return Health("scopes", True, "Slack did not say which scopes the token has")
    have = {scope.strip() for scope in named.split(",")}
    missing = [scope for scope in scopes("no-history") if scope not in have]
    if missing:
        wanted = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        return Health(
            "scopes", False, f"missing: {wanted}", "add them from `chatops manifest` and install the app again"
        )
    without = [scope for scope in scopes("full") if scope not in have]
    return Health("scopes", True, f"the profile without history: no {', '.join(without)}" if without else "all of them")


async def _hears(settings: SlackSettings) -> Health:
    """By Socket Mode, for which an address is asked and not used, or by HTTP."""
    if settings.app_token:
        refused = await _asked(settings, settings.app_token.get_secret_value(), "apps.connections.open")
        remedy = "set CHATOPS_SLACK__APP_TOKEN to an app-level token (xapp-…) with connections:write, Socket Mode on"
        return Health(
            "events", not refused, f"Socket Mode: {refused}" if refused else "Socket Mode", refused and remedy
        )
    if settings.signing_secret:
        return Health("events", True, "HTTP at /slack/events, signed")
    remedy = "set CHATOPS_SLACK__SIGNING_SECRET, or CHATOPS_SLACK__APP_TOKEN for Socket Mode"
    return Health("events", False, "neither a signing secret nor an app token is set", remedy)


async def _channel(settings: SlackSettings, token: str) -> list[Health]:
    """Whether the app is in the channel that alerts go to; a name cannot be looked up without reading every channel."""
    if not _CHANNEL.fullmatch(settings.channel):
        return []
    client = open_client(token, _base(settings))
    try:
        told = await client.conversations_info(channel=settings.channel)
    except SlackApiError as error:
        code = error.response.get("error", "refused")
        return [
            Health(
                "channel", False, f"{settings.channel}: {code}", "correct CHATOPS_SLACK__CHANNEL, or /invite the app"
            )
        ]
    except Exception as error:  # noqa: BLE001 - as above
        return [Health("channel", False, _said(error), "")]
    finally:
        await close_client(client)
    channel = told.get("channel") or {}
    if channel.get("is_archived"):
        return [
            Health("channel", False, f"{settings.channel} is archived", "set CHATOPS_SLACK__CHANNEL to another one")
        ]
    if channel.get("is_member") is False:
        return [Health("channel", False, f"the app is not in {settings.channel}", "/invite it there")]
    return [Health("channel", True, f"alerts go to {channel.get('name') or settings.channel}")]


async def _asked(settings: SlackSettings, token: str, method: str) -> str:
    """Why Slack refuses a method; '' where it does not."""
    client = open_client(token, _base(settings))
    try:
        await client.api_call(method)
    except SlackApiError as error:
        return str(error.response.get("error", "refused"))
    except Exception as error:  # noqa: BLE001 - as above
        return _said(error)
    finally:
        await close_client(client)
    return ""


def _base(settings: SlackSettings) -> str:
    return settings.base_url if settings.base_url.endswith("/") else settings.base_url + "/"
