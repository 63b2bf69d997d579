from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.web.access import signed_path, verify

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def parts(path: str) -> tuple[str, str, str]:
    split = urlsplit(path)
    query = parse_qs(split.query)
    return split.path.removeprefix("/incidents/"), query["e"][0], query["s"][0]


def test_a_link_opens_its_page_until_it_expires() -> None:
    incident, expires, signature = parts(signed_path("inc-1", KEY, LATER))
    assert verify(incident, KEY, expires, signature, NOW) == "valid"
    assert verify(incident, KEY, expires, signature, LATER - timedelta(seconds=1)) == "valid"
    assert verify(incident, KEY, expires, signature, LATER) == "expired"


def test_a_link_opens_no_other_page_and_no_other_time() -> None:
    _, expires, signature = parts(signed_path("inc-1", KEY, LATER))
    assert verify("inc-2", KEY, expires, signature, NOW) == "invalid"
    assert verify("inc-1", KEY, str(int(expires) + 1), signature, NOW) == "invalid"
    assert verify("inc-1", b"other", expires, signature, NOW) == "invalid"


def test_the_boundary_between_id_and_expiry_cannot_be_moved() -> None:
    _, expires, signature = parts(signed_path("inc-1", KEY, LATER))
    assert verify(f"inc-1\n{expires[:3]}", KEY, expires[3:], signature, NOW) == "invalid"


@pytest.mark.parametrize("expires", ["", "soon", "-1", "1e9", "٣٤", "9" * 40, " 1"])
def test_an_expiry_that_is_no_number_is_invalid_and_raises_nothing(expires: str) -> None:
    assert verify("inc-1", KEY, expires, "x", NOW) == "invalid"


@given(st.text(), st.text(), st.text())
def test_nothing_made_up_opens_a_page(incident: str, expires: str, signature: str) -> None:
    assert verify(incident, KEY, expires, signature, NOW) == "invalid"


def test_an_id_cannot_leave_its_path() -> None:
    assert signed_path("../x?y#z", KEY, LATER).startswith("/incidents/..%2Fx%3Fy%23z?e=")
