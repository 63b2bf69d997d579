"""How is an answer of the API server read? Lists of the kinds that come by the thousand without what nobody looks at.

`managedFields` are half of most objects. Reading them only to throw them away costs more than everything else of an
investigation of a large cluster, and what it leaves in memory slows the garbage collector down. So the shapes of the
numerous kinds are declared, and the parser skips the rest; what does not fit a shape is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypedDict

import msgspec

from connectors.contract import ConnectorError
from connectors.kubernetes.resources import Resource

Json = dict[str, Any]

_BARE = ("apiVersion", "kind", "metadata")
_DROPPED = ("managedFields", "selfLink")


class _Metadata(TypedDict, total=False):
    name: Any
    generateName: Any
    namespace: Any
    uid: Any
    resourceVersion: Any
    generation: Any
    creationTimestamp: Any
    deletionTimestamp: Any
    deletionGracePeriodSeconds: Any
    labels: Any
    annotations: Any
    ownerReferences: Any
    finalizers: Any


class _Object(TypedDict, total=False):
    apiVersion: Any
    kind: Any
    metadata: _Metadata
    spec: Any
    status: Any


class _Event(TypedDict, total=False):
    apiVersion: Any
    kind: Any
    metadata: _Metadata
    involvedObject: Any
    type: Any
    reason: Any
    message: Any
    count: Any
    series: Any
    source: Any
    reportingComponent: Any
    action: Any
    related: Any
    eventTime: Any
    firstTimestamp: Any
    lastTimestamp: Any


class _Objects(TypedDict, total=False):
    metadata: Any
    items: list[_Object]


class _Events(TypedDict, total=False):
    metadata: Any
    items: list[_Event]


_SHAPES: Mapping[str, type] = {
    "events": _Events,
    **dict.fromkeys(
        ("pods", "services", "nodes", "replicasets.apps", "deployments.apps", "statefulsets.apps", "daemonsets.apps"),
        _Objects,
    ),
}
"""Kinds, by full name, with nothing at the top but what `_Object` says (an event has its own shape)."""


@cache
def _decoder(shape: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def document(raw: bytes, query: str) -> Json:
    """One JSON object. ConnectorError where it is none."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        start = raw[:120].decode("utf-8", "replace")
        raise ConnectorError("garbage", query, f"the answer is no JSON: {error}; it begins: {start!r}") from error
    if not isinstance(body, dict):
        raise ConnectorError("garbage", query, f"the answer is a {type(body).__name__}, not an object")
    return body


def page(raw: bytes, resource: Resource, query: str, *, whole: bool = False) -> tuple[list[Json], str]:
    """The objects of one page of a list and the token of the next. ConnectorError where it is no list.

    `whole` keeps who manages which field.
    """
    body = (None if whole else _shaped(raw, resource)) or document(raw, query)
    items = body.get("items")
    if items is None:
        items = []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ConnectorError("garbage", query, "the answer has no list of items")
    for item in items:
        _trim(item, resource, () if whole else _DROPPED)
    return items, str((body.get("metadata") or {}).get("continue") or "")


def _shaped(raw: bytes, resource: Resource) -> Json | None:
    """The body without what the kind's shape leaves out; None where it does not fit."""
    shape = None if resource.metadata_only else _SHAPES.get(resource.full)
    if shape is None:
        return None
    try:
        body: Json = _decoder(shape).decode(raw)
    except msgspec.MsgspecError:
        return None
    return body


def _trim(item: Json, resource: Resource, dropped: Iterable[str]) -> None:
    item.setdefault("kind", resource.kind)
    for name in [name for name in item if resource.metadata_only and name not in _BARE]:
        del item[name]
    metadata = item.setdefault("metadata", {})
    for name in dropped:
        metadata.pop(name, None)
