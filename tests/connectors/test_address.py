"""Where a source is: credentials never stay in the address."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from connectors.address import Options, plain


def test_without_an_address_there_is_no_source() -> None:
    assert Options.read({}) is None
    assert Options.read({"url": ""}) is None


def test_credentials_of_the_address_go_where_they_belong() -> None:
    read = Options.read({"url": "https://ana:p%40ss@prom.example/base/"})
    assert read is not None
    assert (read.url, read.external_url) == ("https://prom.example/base", "https://prom.example/base")
    assert read.auth == ("ana", "p@ss")


def test_what_is_set_beside_the_address_wins() -> None:
    read = Options.read({"url": "http://u:old@p", "password": SecretStr("new"), "external_url": "https://people/"})
    assert read is not None
    assert (read.auth, read.external_url) == (("u", "new"), "https://people")


def test_a_token_is_a_bearer_and_the_authority_a_file() -> None:
    read = Options.read({"url": "http://p", "token": SecretStr("t"), "ca": "/ca.crt", "headers": {"X-Org": 1}})
    assert read is not None
    assert read.headers == {"X-Org": "1", "Authorization": "Bearer t"}
    assert read.verify == "/ca.crt"


@pytest.mark.parametrize(
    ("written", "expected"), [(False, False), ("No", False), ("0", False), (True, True), ("on", True)]
)
def test_a_switch_as_yaml_and_the_environment_write_it(written: object, expected: bool) -> None:
    read = Options.read({"url": "http://p", "verify": written})
    assert read is not None
    assert read.verify is expected


def test_an_address_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(ValueError, match="does not begin with http") as caught:
        Options.read({"url": "ftp://u:secret@host"})
    assert "secret" not in str(caught.value)


def test_a_secret_is_read_like_a_word() -> None:
    assert [plain(one) for one in (SecretStr("s"), "s", None, "")] == ["s", "s", "", ""]
