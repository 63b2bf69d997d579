"""Lists are read without what nobody looks at, and whatever does not fit a shape is read whole."""

import json
from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.kubernetes.resources import BY_PLURAL, Resource
from connectors.kubernetes.wire import page

PODS, EVENTS, NETPOL, CONFIGMAPS = (BY_PLURAL[plural] for plural in ("pods", "events", "networkpolicies", "configmaps"))
POD = {"metadata": {"name": "a", "labels": {"app": "x"}, "managedFields": [1]}, "spec": {"n": 1}, "status": {"p": 2}}


def body(*items: Any, token: str = "") -> bytes:
    return json.dumps({"kind": "List", "metadata": {"continue": token}, "items": list(items)}).encode()


@pytest.mark.parametrize("kind", [PODS, NETPOL])
def test_managed_fields_are_left_out_and_the_kind_is_told(kind: Resource) -> None:
    items, token = page(body(POD, token="next"), kind, "GET")
    assert token == "next"
    expected = {**POD, "kind": kind.kind, "metadata": {"name": "a", "labels": {"app": "x"}}}
    assert items == [expected]


@pytest.mark.parametrize("kind", [PODS, NETPOL, CONFIGMAPS])
def test_who_manages_a_field_is_kept_where_it_is_asked_for(kind: Resource) -> None:
    assert page(body(POD), kind, "GET", whole=True)[0][0]["metadata"]["managedFields"] == [1]


def test_an_event_keeps_what_it_says() -> None:
    event = {
        "metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "name": "a"}, "type": "Warning",
        "reason": "BackOff", "message": "m", "count": 3,
        "firstTimestamp": None, "lastTimestamp": "t", "eventTime": None, "source": {},
    }  # fmt: skip
    assert page(body(event), EVENTS, "GET")[0] == [{**event, "kind": "Event"}]


def test_what_does_not_fit_a_shape_is_read_whole() -> None:
    odd = {"metadata": {"name": "a"}, "spec": {}}
    assert page(body(odd, {"spec": {}}), PODS, "GET")[0][1]["metadata"] == {}
    assert page(b'{"metadata": null, "items": null}', PODS, "GET") == ([], "")


def test_of_kinds_whose_contents_are_nobodys_business_only_the_metadata_stays() -> None:
    secretive = {"metadata": {"name": "a"}, "data": {"password": "x"}}
    assert page(body(secretive), CONFIGMAPS, "GET")[0] == [{"kind": "ConfigMap", "metadata": {"name": "a"}}]


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'{"items": 3}', b'{"items": ["a"]}', b'{"items": [{}'])
def test_garbage_is_an_error(raw: bytes) -> None:
    with pytest.raises(ConnectorError) as caught:
        page(raw, PODS, "GET /pods")
    assert (caught.value.kind, caught.value.query) == ("garbage", "GET /pods")
