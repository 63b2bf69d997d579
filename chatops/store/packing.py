"""How values lie in Redis: JSON, compressed where that pays."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_COMPRESSED = b"z"
_WORTH_IT = 512
_REMEMBERED = 64
"""Values whose last reading is kept: an incident of a storm may be a megabyte."""


def pack(value: BaseModel | Mapping[str, Any]) -> bytes:
    """Return the value as bytes; evidence with its series shrinks to about a seventh."""
    if isinstance(value, BaseModel):
        raw = value.model_dump_json(by_alias=True).encode()
    else:
        raw = json.dumps(value, separators=(",", ":"), default=str).encode()
    return raw if len(raw) < _WORTH_IT else _COMPRESSED + zlib.compress(raw, 1)


def _raw(stored: bytes) -> bytes:
    return zlib.decompress(stored[1:]) if stored[:1] == _COMPRESSED else stored


def unpack(kind: type[M], stored: bytes) -> M:
    """Return the model that was packed. What only a newer version knows is passed over: both may run for a while."""
    return kind.model_validate_json(_raw(stored), extra="ignore")


def unpack_document(stored: bytes) -> dict[str, Any]:
    """Return the mapping that was packed."""
    document: dict[str, Any] = json.loads(_raw(stored))
    return document


class Readings(Generic[M]):
    """The last readings by id: in a storm the same large values are read again and again."""

    def __init__(self, kind: type[M]) -> None:
        self._kind = kind
        self._known: dict[str, tuple[bytes, M]] = {}

    def parsed(self, key: str, stored: bytes) -> M:
        """The value of these bytes."""
        known = self._known.get(key)
        if known is not None and known[0] == stored:
            return known[1]
        value = unpack(self._kind, stored)
        self.keep(key, stored, value)
        return value

    def keep(self, key: str, stored: bytes, value: M) -> None:
        """Remember what these bytes are; of many the oldest are forgotten."""
        self._known.pop(key, None)
        self._known[key] = stored, value
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
