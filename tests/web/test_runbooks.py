"""The packaged runbooks can be read in the browser, at the section a link names, and nothing else is served."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chatops.runbook_index import Library, packaged
from chatops.web import runbooks

BASE = "http://testserver/runbooks"
CLIENT = TestClient(Starlette(routes=runbooks.routes()))


def test_every_link_of_the_library_opens_a_page_with_its_anchor() -> None:
    library = Library([packaged(BASE)])
    [hit] = library.for_incident((), ["OOMKilled"], "")
    address, _, anchor = hit.link.href.partition("#")
    answer = CLIENT.get(address)
    assert answer.status_code == 200
    assert anchor
    assert f'id="{anchor}"' in answer.text
    assert "{#" not in answer.text
    for page in library.pages:
        assert CLIENT.get(page.href).status_code == 200, page.slug


@pytest.mark.parametrize(
    "slug", ["nonesuch.md", "../pyproject.toml", "..%2f..%2fetc%2fpasswd", "causes", "causes/memory.md.bak"]
)
def test_nothing_else_is_served(slug: str) -> None:
    assert CLIENT.get(f"/runbooks/{slug}").status_code == 404


def test_no_script_and_no_foreign_thing_can_run() -> None:
    answer = CLIENT.get("/runbooks/causes/memory.md")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert "<script" not in answer.text
