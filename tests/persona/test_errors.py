"""Which failures are worth asking again."""

from __future__ import annotations

from chatops.persona.errors import TRANSIENT, PersonaError, kind_of


def test_an_error_says_its_kind_and_all_of_it() -> None:
    error = PersonaError("rate limited", "too many tokens", retry_after=7.5)
    assert str(error) == "rate limited: too many tokens"
    assert (error.kind, error.retry_after) == ("rate limited", 7.5)


def test_what_another_try_cannot_mend_is_not_transient() -> None:
    assert not TRANSIENT & {"denied", "rejected", "not found", "persona"}
    assert {"overloaded", "cut", "unavailable"} <= TRANSIENT


def test_the_first_sign_that_tells_is_the_kind() -> None:
    assert kind_of("overloaded_error", 200) == "overloaded"
    assert kind_of("ThrottlingException") == "rate limited"
    assert kind_of("", 404) == "not found"
    assert kind_of(None, 500) == "unavailable"
