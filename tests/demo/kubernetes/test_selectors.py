import pytest

from chatops.demo.kubernetes.selectors import BadSelector, field_selector, label_selector

POD = {"metadata": {"name": "a", "labels": {"app": "cart", "tier": "web"}}, "status": {"phase": "Running"}}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("app=cart", True),
        ("app==cart,tier!=db", True),
        ("app!=cart", False),
        ("app in (cart, other)", True),
        ("app notin (cart),tier=web", False),
        ("tier", True),
        ("!tier", False),
        ("!nope,nope!=x", True),
    ],
)
def test_label_selectors(selector: str, matches: bool) -> None:
    assert label_selector(selector)(POD) is matches


@pytest.mark.parametrize(
    ("selector", "matches"),
    [("metadata.name=a", True), ("status.phase!=Running", False), ("spec.nodeName=", True), ("", True)],
)
def test_field_selectors(selector: str, matches: bool) -> None:
    assert field_selector(selector)(POD) is matches


@pytest.mark.parametrize("make", [label_selector, field_selector])
def test_a_selector_that_cannot_be_read_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(BadSelector):
        make("a b c")
