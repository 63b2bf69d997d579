"""How is a value written as CBOR (RFC 8949)? CloudWatch's clients speak it by default (smithy-rpc-v2-cbor).

Only what that protocol uses: integers, floats, text, bytes, lists, maps, booleans, null and
timestamps (tag 1). Indefinite lengths are read, never written.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_EPOCH_TAG = 1
_BREAK = object()


class BadCbor(Exception):
    """Bytes that are no CBOR, or of a kind that the protocol does not use."""


def dumps(value: object) -> bytes:
    """Encode a value."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return _head(_TEXT, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, datetime):
        return _head(_TAG, _EPOCH_TAG) + dumps(value.timestamp())
    if isinstance(value, Mapping):
        return _head(_MAP, len(value)) + b"".join(dumps(k) + dumps(v) for k, v in value.items())
    if isinstance(value, Sequence):
        return _head(_LIST, len(value)) + b"".join(dumps(v) for v in value)
    raise BadCbor(f"cannot encode a {type(value).__name__}")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for extra, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if number < 1 << (8 * size):
            return bytes([major << 5 | extra]) + struct.pack(form, number)
    raise BadCbor("the number is too large")


def loads(data: bytes) -> Any:
    """Decode one value; an empty body is an empty map."""
    if not data:
        return {}
    try:
        value, end = _Reader(data).value(0)
    except (ValueError, TypeError, OverflowError, OSError, struct.error, RecursionError) as error:
        raise BadCbor(f"not readable: {error}") from error
    if end != len(data):
        raise BadCbor("bytes are left over")
    return value


class _Reader:
    """Reads values at positions: every method returns the value and where the next one begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def value(self, at: int) -> tuple[Any, int]:
        if at >= len(self._data):
            raise BadCbor("the data ends early")
        major, info = self._data[at] >> 5, self._data[at] & 31
        if major == _SIMPLE:
            return self._simple(info, at + 1)
        number, at = self._number(info, at + 1)
        if major in (_BYTES, _TEXT):
            return self._string(major, number, at)
        if major in (_LIST, _MAP):
            return self._items(major, number, at)
        if number is None:
            raise BadCbor("an integer without length")
        if major == _TAG:
            inner, at = self.value(at)
            return (datetime.fromtimestamp(inner, UTC) if number == _EPOCH_TAG else inner), at
        return (number if major == _UNSIGNED else -1 - number), at

    def _number(self, info: int, at: int) -> tuple[int | None, int]:
        if info < 24:
            return info, at
        if info == 31:
            return None, at
        size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info)
        if size is None or at + size > len(self._data):
            raise BadCbor("a length that is none")
        return int.from_bytes(self._data[at : at + size], "big"), at + size

    def _string(self, major: int, length: int | None, at: int) -> tuple[Any, int]:
        if length is None:
            chunks, at = self._until_break(at)
            return (b"" if major == _BYTES else "").join(chunks), at
        raw = self._data[at : at + length]
        if len(raw) < length:
            raise BadCbor("the data ends early")
        return (raw if major == _BYTES else raw.decode()), at + length

    def _items(self, major: int, count: int | None, at: int) -> tuple[Any, int]:
        if count is None:
            values, at = self._until_break(at)
        else:
            values = []
            for _ in range(count * (2 if major == _MAP else 1)):
                value, at = self.value(at)
                values.append(value)
        if major == _LIST:
            return values, at
        return dict(zip(values[::2], values[1::2], strict=True)), at

    def _until_break(self, at: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        while True:
            value, at = self.value(at)
            if value is _BREAK:
                return values, at
            values.append(value)

    def _simple(self, info: int, at: int) -> tuple[Any, int]:
        fixed = {20: False, 21: True, 22: None, 23: None, 31: _BREAK}
        if info in fixed:
            return fixed[info], at
        form = {25: ">e", 26: ">f", 27: ">d"}.get(info)
        if form is None:
            raise BadCbor(f"simple value {info}")
        size = struct.calcsize(form)
        return struct.unpack(form, self._data[at : at + size])[0], at + size
