"""Settings come from environment, secret files and one YAML file, and what is wrong is named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatops import settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("CHATOPS_")]:
        monkeypatch.delenv(name)


def test_environment_wins_over_secret_files_over_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "chatops.yaml"
    config.write_text("port: 1111\nslack:\n  command: /oncall\n  channel: '#prod'\nprometheus:\n  url: http://file\n")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "chatops_slack__bot_token").write_text("from-a-file")
    monkeypatch.setenv("CHATOPS_CONFIG", str(config))
    monkeypatch.setenv("CHATOPS_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("CHATOPS_PORT", "2222")
    monkeypatch.setenv("CHATOPS_PROMETHEUS__URL", "http://environment")
    loaded = settings.load()
    assert loaded.port == 2222
    assert loaded.slack.command == "/oncall"
    assert loaded.slack.bot_token is not None
    assert loaded.slack.bot_token.get_secret_value() == "from-a-file"
    assert loaded.environment_options()["default"]["prometheus"] == {"url": "http://environment"}
    assert "from-a-file" not in loaded.model_dump_json(), "secrets are stars when settings are shown"


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("CHATOPS_PORT", "abc", r"port \(CHATOPS_PORT\): a whole number is expected"),
        ("CHATOPS_SLACK__NO_SUCH", "x", r"slack\.no_such \(CHATOPS_SLACK__NO_SUCH\): there is no such setting"),
        ("CHATOPS_MODEL__MAX_TURNS", "0", r"model\.max_turns \(CHATOPS_MODEL__MAX_TURNS\): at least 1"),
        ("CHATOPS_CONFIG", "/nonexistent.yaml", "there is no file /nonexistent.yaml"),
        ("CHATOPS_CATALOGUE", "/nonexistent.yaml", "there is no file /nonexistent.yaml"),
        ("CHATOPS_ROUTES", "[", "routes"),
    ],
)
def test_what_is_wrong_is_named(variable: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(settings.SettingsError, match=line) as caught:
        settings.load()
    assert "\n" not in str(caught.value)


def test_a_catalogue_file_adds_services(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text("checkout:\n  namespace: shop\n  workload: checkout-api\n  aliases: [basket]\n")
    loaded = settings.load(catalogue=file)
    assert loaded.services["checkout"].workload == "checkout-api"
    file.write_text("checkout:\n  nmspace: shop\n")
    with pytest.raises(settings.SettingsError, match="nmspace"):
        settings.load(catalogue=file)


def test_environments_stand_beside_what_is_set_at_the_top() -> None:
    loaded = settings.load(environments={"eu": settings.Environment(prometheus={"url": "http://eu"})})
    assert list(loaded.environment_options()) == ["eu"]
    both = settings.load(
        prometheus={"url": "http://top"}, environments={"eu": settings.Environment(prometheus={"url": "http://eu"})}
    )
    assert list(both.environment_options()) == ["default", "eu"]
