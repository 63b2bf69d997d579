"""The manifest asks for no more than the listeners use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatops.slack import manifest as manifests
from chatops.slack.listeners.events import HEARD
from chatops.slack.manifest import SCOPES, Profile, manifest, scopes

FAMILIES = re.compile(r"(agents|assistant|auth|bookmarks|chat|conversations|files|openid|usergroups|users|views)\.")
FORBIDDEN = ("chat:write.public", "chat:write.customize", "channels:manage", "admin", "search:", "files:read")


@pytest.mark.parametrize("profile", ["full", "no-history"])
def test_scopes_are_few_and_explained(profile: Profile) -> None:
    made = manifest("https://chatops.acme.example/", profile=profile)
    asked = made["oauth_config"]["scopes"]
    assert set(asked) == {"bot"}
    assert asked["bot"] == scopes(profile)
    assert not [scope for scope in asked["bot"] if scope.startswith(FORBIDDEN)]
    assert all(SCOPES[scope] for scope in asked["bot"])


NEEDS = {
    # the scope of each method; of those that name none, Slack wants none
    "assistant.threads.setStatus": {"assistant:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "agents.sessions.setStatus": {"assistant:write"},
    "bookmarks.list": {"bookmarks:read"},
    **{f"chat.{name}": {"chat:write"} for name in ("postMessage", "postEphemeral", "update", "delete")},
    **{f"chat.{name}": {"chat:write"} for name in ("startStream", "appendStream", "stopStream")},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read", "users:read.email"},
}
NONE = {"auth.test", "chat.getPermalink", "openid.connect.token", "views.open", "views.publish"}
OF_EVENTS = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "agent_session_stopped": {"assistant:write"},
}
METHOD = re.compile(r'"((?:[a-z]+\.)+[a-z][a-zA-Z]+)"')


def test_it_asks_for_what_is_called_and_heard_and_for_nothing_else() -> None:
    text = "".join(path.read_text() for path in Path(manifests.__file__).parent.rglob("*.py"))
    called = {name for name in METHOD.findall(text) if FAMILIES.match(name)}
    assert called == {*NEEDS, *NONE}
    heard = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert {name.partition(".")[0] for name in heard} == set(HEARD)
    needed = {scope for name in called for scope in NEEDS.get(name, ())}
    needed |= {scope for name in heard for scope in OF_EVENTS.get(name, ())}
    assert set(scopes(pictures=True)) == needed | {"commands"}


def test_without_history_nothing_reads_channels() -> None:
    made = manifest(profile="no-history")
    assert not [
        scope
        for scope in made["oauth_config"]["scopes"]["bot"]
        if scope.startswith(("channels:history", "groups:history"))
    ]
    assert "message.channels" not in made["settings"]["event_subscriptions"]["bot_events"]
    assert "app_mention" in made["settings"]["event_subscriptions"]["bot_events"]


def test_with_an_address_it_is_http_and_without_it_socket_mode() -> None:
    http, socket = manifest("https://x.example", "/incident"), manifest()
    assert http["settings"]["event_subscriptions"]["request_url"] == "https://x.example/slack/events"
    assert http["features"]["slash_commands"][0] | {"description": ""} == {
        "command": "/incident",
        "url": "https://x.example/slack/events",
        "description": "",
        "usage_hint": "checkout is slow since 14:00 | status | why | help",
        "should_escape": True,
    }
    assert http["settings"]["socket_mode_enabled"] is False
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in str(socket)


def test_signing_in_asks_for_who_somebody_is_and_nothing_else() -> None:
    oauth = manifest(sign_in="https://pages.acme.example/")["oauth_config"]
    assert oauth["scopes"]["user"] == ["openid"]
    assert oauth["redirect_urls"] == ["https://pages.acme.example/slack/sign_in/back"]
    both = manifest("https://x.example", sign_in="https://x.example")["oauth_config"]
    assert both["redirect_urls"] == ["https://x.example/slack/oauth_redirect", "https://x.example/slack/sign_in/back"]


def test_files_are_written_only_where_pictures_are_asked_for() -> None:
    assert "files:write" not in manifest()["oauth_config"]["scopes"]["bot"]
    assert "files:write" in manifest(pictures=True)["oauth_config"]["scopes"]["bot"]


def test_limits_of_the_manifest() -> None:
    features = manifest()["features"]
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert len(manifest()["display_information"]["description"]) <= 140


def test_the_documentation_names_every_scope() -> None:
    page = (Path(__file__).parents[2] / "docs" / "slack.md").read_text()
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []


def test_one_installation_may_serve_an_organisation() -> None:
    assert [manifest(org_wide=wide)["settings"]["org_deploy_enabled"] for wide in (False, True)] == [False, True]
