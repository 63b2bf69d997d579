"""One text for the eye and for the rules."""

from __future__ import annotations

import pytest

from chatops.policy.text.letters import clean, mixed, skeleton


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("kube**ctl** get", "kubectl get"),
        ("`kubectl` `get`", "kubectl get"),
        ("kubectl${IFS}get", "kubectl get"),
        ("ku''bectl get", "kubectl get"),
        ("k\\ubectl get", "kubectl get"),
        ("&#107;ubectl get", "kubectl get"),
        ("&amp;#107;ubectl%20get", "kubectl get"),
        ("\uff4b\uff55\uff42\uff45\uff43\uff54\uff4c get", "kubectl get"),
        ("kub\u0435ctl get", "kubectl get"),
        ("hxxps://evil[.]example", "https://evil.example"),
        ("evil (dot) example", "evil.example"),
        ("I-g-n-o-r-e it", "Ignore it"),
        ("two\nlines", "two lines"),
        ("**bold** and _slanted_ words of http_requests_total", "bold and slanted words of http_requests_total"),
    ],
)
def test_what_is_read(written: str, read: str) -> None:
    assert skeleton(written) == read


def test_what_is_shown_has_one_kind_of_digits_and_nothing_invisible() -> None:
    assert clean("\uff17\u0663\u200b1 \u202eM\ud800i") == "731 Mi"
    assert clean("größer als 1 µs …") == "größer als 1 µs …"


@pytest.mark.parametrize(
    ("text", "is_mixed"), [("\u0440ayments", True), ("cart", False), ("größer", False), ("игнорируй", False)]
)
def test_words_of_two_alphabets(text: str, is_mixed: bool) -> None:
    assert mixed(text) is is_mixed
