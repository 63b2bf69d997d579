import os
from pathlib import Path

import pytest

from chatops.demo.settings import aws_environment, demo_settings

STANDS = {"prometheus": "http://127.0.0.1:1", "kubernetes": "http://127.0.0.1:2", "cloudwatch": "http://127.0.0.1:3"}
PAGE, APP = "http://127.0.0.1:8800", "http://127.0.0.1:8801"
KEY = "-".join(("sk", "test"))


def test_nothing_of_the_users_own_settings_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_SLACK__BASE_URL", "https://slack.com/api/")
    monkeypatch.setenv("CHATOPS_PROMETHEUS__URL", "https://prometheus.company.example")
    monkeypatch.setenv("CHATOPS_REDIS__URL", "redis://company.example")
    settings, _ = demo_settings(tmp_path, PAGE, APP, STANDS, {})
    assert settings.slack.base_url == f"{PAGE}/api/"
    assert settings.prometheus["url"] == STANDS["prometheus"]
    assert settings.redis.url is None
    assert settings.state_dir is not None
    assert settings.state_dir.is_relative_to(tmp_path)


def test_without_a_key_there_is_no_model_and_with_one_there_is(tmp_path: Path) -> None:
    assert demo_settings(tmp_path, PAGE, APP, STANDS, {})[0].model.provider == "none"
    given = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "http://127.0.0.1:4"}
    model = demo_settings(tmp_path, PAGE, APP, STANDS, given)[0].model
    assert model.provider == "anthropic"
    assert model.api_key is not None
    assert model.api_key.get_secret_value() == KEY
    assert model.base_url == "http://127.0.0.1:4"


def test_secrets_are_made_anew_each_time(tmp_path: Path) -> None:
    first, token = demo_settings(tmp_path, PAGE, APP, STANDS, {})
    second, other = demo_settings(tmp_path, PAGE, APP, STANDS, {})
    assert token != other
    assert first.slack.bot_token != second.slack.bot_token


def test_aws_credentials_of_the_user_are_out_of_reach_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "company")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    with aws_environment(tmp_path):
        assert "AWS_PROFILE" not in os.environ
        assert os.environ["AWS_ACCESS_KEY_ID"] == "DEMO"
        assert not Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).exists()
    assert os.environ["AWS_PROFILE"] == "company"
    assert os.environ["AWS_ACCESS_KEY_ID"] == "theirs"
    assert "AWS_EC2_METADATA_DISABLED" not in os.environ
