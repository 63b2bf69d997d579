"""What is wrong is said in one line with name, variable, what is expected and what kind of value was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatops.settings import Settings, SettingsError, load
from chatops.settings_problems import unknown_variables

SECRET = "xoxb-a-secret"


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("PORT", SECRET, "port (CHATOPS_PORT): a whole number is expected, and text was given"),
        ("WORKERS", "0", "workers (CHATOPS_WORKERS): at least 1 is expected, and text was given"),
        ("LOG_LEVEL", SECRET, "one of 'debug', 'info', 'warning' or 'error' is expected, and text was given"),
        (
            "ROUTES",
            "{}",
            "routes (CHATOPS_ROUTES): a list is expected (in the environment: as JSON), and a mapping",
        ),
        ("ROUTES", "[", "routes (CHATOPS_ROUTES): JSON is expected"),
        ("ROUTES", '[{"chanel": "x"}]', "routes.0.chanel: there is no such setting, did you mean channel?"),
        ("SLACK__OPERATORS", SECRET, "slack.operators (CHATOPS_SLACK__OPERATORS): JSON is expected"),
        ("SLACK__CHANEL", SECRET, "slack.chanel (CHATOPS_SLACK__CHANEL): there is no such setting, did you mean chan"),
        ("MODEL__COLOUR", SECRET, "there is no such setting, there are: provider, api_key"),
        ("SLAKC__BOT_TOKEN", SECRET, "CHATOPS_SLAKC__BOT_TOKEN: there is no such setting, did you mean slack?"),
        ("LOGLEVEL", "info", "CHATOPS_LOGLEVEL: there is no such setting, did you mean log_level?"),
        ("TRACES__OTLP_ENDPOINT", "collector", "(CHATOPS_TRACES__OTLP_ENDPOINT): must begin with http:// or https://"),
    ],
)
def test_a_variable(variable: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CHATOPS_{variable}", value)
    with pytest.raises(SettingsError) as caught:
        load()
    said = str(caught.value)
    assert line in said
    assert "\n" not in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("port: [1]", "port (CHATOPS_PORT): a whole number is expected, and a list was given"),
        ("slack: hello", "slack (CHATOPS_SLACK): a mapping is expected"),
        ("routes: [{match: {a: 1}}]", "routes.0.match.a: text is expected (in YAML: in quotes), and a whole number"),
        ("services: {a: {nmspace: x}}", "there is no such setting, did you mean namespace?"),
        ("port: [", "not YAML (while parsing"),
        ("- port", "a mapping of settings is expected"),
    ],
)
def test_a_file(text: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "chatops.yaml"
    config.write_text(text)
    monkeypatch.setenv("CHATOPS_CONFIG", str(config))
    with pytest.raises(SettingsError) as caught:
        load()
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_file_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.yaml").touch()
    monkeypatch.setenv("CHATOPS_CONFIG", str(tmp_path / "empty.yaml"))
    assert load() == Settings()


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_setting() -> None:
    links = (
        "CHATOPS_SERVICE_HOST", "CHATOPS_SERVICE_PORT", "CHATOPS_SERVICE_PORT_HTTP", "CHATOPS_PORT_80_TCP_ADDR",
        "CHATOPS_VALKEY_SERVICE_HOST", "CHATOPS_VALKEY_PORT_6379_TCP", "CHATOPS_CONFIG", "CHATOPS_CHAOS_SEED", "HOME",
    )  # fmt: skip
    assert unknown_variables(links, Settings) == []
