"""What must be created at Slack for this app, with the least scopes? The manifest, for each profile.

`full` also answers replies without a mention and finds its own messages after a crash; `no-history` has no
scope that reads messages: the app hears slash commands, mentions, direct messages' events and clicks only,
threads go on by mention, and a worker killed at the worst moment may post one message a second time.
"""

from __future__ import annotations

from typing import Any, Literal

from chatops.slack.app import PATH
from chatops.slack.home import PROMPTS
from chatops.slack.install import REDIRECT
from chatops.slack.listeners.shortcuts import CALLBACK
from chatops.slack.signin import BACK

Profile = Literal["full", "no-history"]

SCOPES: dict[str, str] = {
    "app_mentions:read": "hear mentions",
    "assistant:write": "the agent pane: prompts, status, the Stop button",
    "bookmarks:read": "the bookmarks of an incident channel are context",
    "channels:history": "replies in the app's threads; the recent messages of an incident channel",
    "channels:read": "whether a channel is shared with others; its topic",
    "chat:write": "post, edit and stream",
    "commands": "the slash command and the shortcut",
    "files:write": "charts as pictures where the workspace has no chart block (`--pictures`)",
    "groups:history": "the same in private channels the app is invited to",
    "groups:read": "the same in private channels the app is invited to",
    "im:history": "direct messages to the app",
    "usergroups:read": "operators from user groups",
    "users:read": "refuse guests, bots and deactivated accounts",
    "users:read.email": "operators by e-mail",
}
"""Every bot scope, and what it is for. `chatops manifest` prints it; the documentation's table is this one."""

_PICTURES = "files:write"
_HISTORY = frozenset({"channels:history", "groups:history", "bookmarks:read"})
_EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.im",
    "tokens_revoked",
)
_HISTORY_EVENTS = ("message.channels", "message.groups")


def scopes(profile: Profile = "full", *, pictures: bool = False) -> list[str]:
    """The bot scopes of a profile; with `pictures` also the one that brings files."""
    left_out = (_HISTORY if profile != "full" else frozenset()) | (frozenset() if pictures else {_PICTURES})
    return sorted(name for name in SCOPES if name not in left_out)


def manifest(
    url: str = "",
    command: str = "/triage",
    profile: Profile = "full",
    name: str = "chatops",
    *,
    org_wide: bool = False,
    sign_in: str = "",
    pictures: bool = False,
) -> dict[str, Any]:
    """Return the app manifest. Without a `url` the app uses Socket Mode and Slack is given no address.

    `org_wide` lets one installation serve every workspace of an Enterprise Grid organisation. `sign_in` is the
    public address where people read pages, where they sign in with Slack for that. `pictures` lets the app bring charts
    as files to a workspace that has no chart block.
    """
    address = {"request_url": url.rstrip("/") + PATH} if url else {}
    subscribed = sorted(_EVENTS + (_HISTORY_EVENTS if profile == "full" else ()))
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": name,
            "description": "Incident debugging: facts in seconds, causes with evidence",
            "background_color": "#1f2937",
        },
        "features": _features(command, address.get("request_url", ""), name),
        "oauth_config": _oauth(url, scopes(profile, pictures=pictures), sign_in),
        "settings": {
            "event_subscriptions": address | {"bot_events": subscribed},
            "interactivity": {"is_enabled": True} | address,
            "org_deploy_enabled": org_wide,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _oauth(url: str, asked_for: list[str], sign_in: str) -> dict[str, Any]:
    """What is asked for, and where Slack may send browsers back to: after installing, after signing in."""
    asked = {"bot": asked_for} | ({"user": ["openid"]} if sign_in else {})
    back = [(url, REDIRECT), (sign_in, BACK)]
    addresses = [address.rstrip("/") + path for address, path in back if address]
    return {"scopes": asked} | ({"redirect_urls": addresses} if addresses else {})


def _features(command: str, address: str, name: str) -> dict[str, Any]:
    slash = {
        "command": command,
        "description": "Investigate what is broken",
        "usage_hint": "checkout is slow since 14:00 | status | why | help",
        "should_escape": True,
    }
    prompts = [{"title": title, "message": message} for title, message in PROMPTS]
    return {
        "agent_view": {
            "agent_description": "Reads metrics, logs and cluster state, and says what is wrong and how it knows.",
            "suggested_prompts": prompts,
        },
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {
                "name": "Investigate this alert",
                "type": "message",
                "callback_id": CALLBACK,
                "description": "Start an investigation from this message",
            }
        ],
        "slash_commands": [slash | ({"url": address} if address else {})],
    }
