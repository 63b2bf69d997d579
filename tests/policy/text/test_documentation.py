"""Links to official documentation, and what only looks like one."""

from __future__ import annotations

import pytest

from chatops.policy.text.documentation import without


def test_a_link_to_documentation_may_stand() -> None:
    link = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#limits"
    assert without(f"See {link}, and ({link}).").split() == ["See", ",", "and", "(", ")."]


@pytest.mark.parametrize(
    "link",
    [
        "https://kubernetes.io@evil.example/x",
        "https://kubernetes.io.evil.example/x",
        "https://evil.example/https://kubernetes.io/",
        "https://kubernetes.io/docs?leak=cart",
        "https://kubernetes.io:8443/docs",
        "http://kubernetes.io/docs",
    ],
)
def test_other_links_stay_to_be_judged(link: str) -> None:
    assert without(f"See {link}.") == f"See {link}."
