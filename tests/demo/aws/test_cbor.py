import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.demo.aws.cbor import BadCbor, dumps, loads

LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_what_is_written_is_read_again(value: object) -> None:
    assert loads(dumps(value)) == value


def test_times_are_tagged() -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert dumps(at)[0] == 0xC1
    assert loads(dumps(at)) == at


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("7f657374726561646d696e67ff", "streaming"),
        ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
        ("f93c00", 1.0),
        ("fa47c35000", 100000.0),
        ("3903e7", -1000),
        ("", {}),
    ],
)
def test_examples_of_the_standard(told: str, value: object) -> None:
    assert loads(bytes.fromhex(told)) == value


@given(st.binary(max_size=12))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadCbor, ValueError):
        loads(data)


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(BadCbor):
        dumps(object())
    with pytest.raises(BadCbor):
        loads(b"\x01\x02")
