"""What would kubectl print of objects with `-o jsonpath=…`, `-o custom-columns=…`, `-o name`, or in which order?

kubectl's own dialect of JSONPath, as its documentation has it: texts, paths, filters, slices, unions, `range`. Parsed
and walked here; what does not parse is an error and not an empty answer. Values of environment variables are not
printed: without their names nobody could tell which of them are secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from connectors.kubernetes.objects import Json

HIDDEN = "<hidden>"
FORMATS = ("jsonpath=", "custom-columns=")
_NONE = "<none>"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONGEST = 2000
"""Characters of an expression."""
_MOST = 100_000
"""Values that one path may lead to: objects are a few megabytes, and unions name one of them many times."""
_STEP = re.compile(
    r"""\.\.(?P<deep>(?:\\.|[\w/-])+)|\.(?P<key>(?:\\.|[\w$/-])+|\*)|\[(?P<inner>\?\(.*?\)|[^\[\]]*)\]|(?P<dot>\.)(?=$)"""
)
_QUOTED = re.compile(r"""'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)\"""")
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(\d+))?")
_FILTER = re.compile(r"""\?\(\s*@(?P<path>[^=!<>\s]*)\s*(?:(?P<sign>==|!=|<=|>=|<|>)\s*(?P<value>.+?))?\s*\)""")
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
    "<=": lambda a, b: bool(a <= b),
    ">=": lambda a, b: bool(a >= b),
}

Step = Callable[[Any], Iterable[Any]]


class NoPath(ValueError):
    """An expression that kubectl would not take either, or that is not known here."""


def can(output: str) -> bool:
    """Whether this is printed here; an expression that does not parse is not."""
    try:
        printed(output, [{}], one=True)
    except NoPath:
        return False
    return output == "name" or output.startswith(FORMATS)


def printed(output: str, objects: Sequence[Json], *, one: bool) -> str:
    """What `kubectl get … -o OUTPUT` prints; `one` where a name was given. Raises NoPath."""
    seen = [shown(each) for each in objects]
    if output == "name":
        return "\n".join(f"{str(each.get('kind')).lower()}/{each['metadata']['name']}" for each in seen if each)
    kind, _, expression = output.partition("=")
    if len(expression) > _LONGEST:
        raise NoPath(f"an expression of more than {_LONGEST} characters")
    if kind == "custom-columns":
        return _columns(expression, seen)
    root = seen[0] if one and seen else {"kind": "List", "items": seen}
    return _template(expression, root)


def ordered(objects: Sequence[Json], path: str) -> list[Json]:
    """The objects as `--sort-by` puts them; those without the field come first. Raises NoPath."""
    steps = _path(path.strip("{}"))

    def value(each: Json) -> tuple[int, float, str]:
        found = next(iter(_walk([each], steps)), None)
        number = isinstance(found, int | float)
        return (0, 0, "") if found is None else (1, float(found) if number else 0, "" if number else str(found))

    return sorted(objects, key=value)


def shown(value: Any) -> Any:
    """A copy without what must not be shown."""
    if isinstance(value, list):
        return [shown(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [{**shown(each), "value": HIDDEN} if isinstance(each, dict) and "value" in each else shown(each)
               for each in inner] if name == "env" and isinstance(inner, list) else shown(inner)
        for name, inner in value.items()
        if name != _LAST_APPLIED
    }  # fmt: skip


def _columns(expression: str, objects: Sequence[Json]) -> str:
    heads, paths = [], []
    for column in expression.split(","):
        head, colon, path = column.partition(":")
        if not (head and colon and path):
            raise NoPath(f"{column!r} is no HEADER:PATH")
        heads.append(head)
        paths.append(_path(path.strip("{}")))
    rows = [heads]
    for each in objects:
        cells = [",".join(map(_text, _walk([each], path))) for path in paths]
        rows.append([cell or _NONE for cell in cells])
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    return "\n".join("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in rows)  # fmt: skip


def _template(expression: str, root: Any) -> str:
    """A template: texts as they are, and what stands in braces."""
    pieces = _pieces(expression)
    end, text = _run(pieces, 0, root)
    if end != len(pieces):
        raise NoPath("{end} without {range}")
    return text


def _pieces(expression: str) -> list[tuple[bool, str]]:
    """Texts (False) and contents of braces (True)."""
    found, at, text = [], 0, ""
    while at < len(expression):
        if expression[at] != "{":
            text += expression[at]
            at += 1
            continue
        end = _closing(expression, at)
        if text:
            found.append((False, text))
        found.append((True, expression[at + 1 : end].strip()))
        at, text = end + 1, ""
    return [*found, (False, text)] if text else found


def _closing(expression: str, at: int) -> int:
    """Where the brace that opens at `at` is closed; one within quotes closes nothing."""
    quote = ""
    for end in range(at + 1, len(expression)):
        letter = expression[end]
        if quote:
            quote = "" if letter == quote and expression[end - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "}":
            return end
    raise NoPath("a brace is not closed")


def _run(pieces: Sequence[tuple[bool, str]], at: int, here: Any) -> tuple[int, str]:
    """Print pieces from `at` until `{end}` or the last; where that was, and the text."""
    out: list[str] = []
    while at < len(pieces):
        inside, piece = pieces[at]
        if not inside:
            out.append(_unescaped(piece))
        elif piece == "end":
            return at, "".join(out)
        elif piece.startswith("range"):
            body, at = at + 1, _end(pieces, at + 1)
            out += [_run(pieces, body, each)[1] for each in _walk([here], _path(piece[5:].strip()))]
        elif quoted := _QUOTED.fullmatch(piece):
            out.append(_unescaped(quoted[1] or quoted[2] or ""))
        else:
            out.append(" ".join(map(_text, _walk([here], _path(piece)))))
        at += 1
    return at, "".join(out)


def _end(pieces: Sequence[tuple[bool, str]], at: int) -> int:
    """Where the `{end}` of the range is that begins at `at`."""
    depth = 1
    for number in range(at, len(pieces)):
        inside, piece = pieces[number]
        if inside and piece.startswith("range"):
            depth += 1
        elif inside and piece == "end":
            depth -= 1
        if depth == 0:
            return number
    raise NoPath("{range} without {end}")


def _unescaped(text: str) -> str:
    """A text with its escapes (`\\n`, `\\u00fc`) as the letters that they mean."""
    try:
        return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError as wrong:
        raise NoPath(f"{text!r} has an escape that means nothing") from wrong


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _walk(values: Iterable[Any], steps: Sequence[Step]) -> list[Any]:
    for step in steps:
        values = list(islice((found for value in values for found in step(value)), _MOST + 1))
        if len(values) > _MOST:
            raise NoPath(f"a path to more than {_MOST} values")
    return list(values)


def _path(text: str) -> list[Step]:
    """The steps of a path (`$.a`, `@.a`, `.a` or `a`)."""
    rest = text.removeprefix("$").removeprefix("@")
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            raise NoPath(f"{text!r} is no path at {rest[at:]!r}")
        steps.append(_step(found))
        at = found.end()
    return steps


def _step(found: re.Match[str]) -> Step:
    if found["dot"]:
        return lambda value: [value]
    if found["deep"]:
        return _deep(_plain(found["deep"]))
    if found["key"] == "*" or found["inner"] == "*":
        return _every
    if found["key"]:
        return _key(_plain(found["key"]))
    return _bracket(found["inner"].strip())


def _plain(key: str) -> str:
    return re.sub(r"\\(.)", r"\1", key)


def _bracket(inner: str) -> Step:
    if inner.startswith("?"):
        return _filtered(inner)
    if part := _SLICE.fullmatch(inner):
        start, stop, step = (int(one) if one else None for one in part.groups())
        if step == 0:
            raise NoPath(f"[{inner}] goes nowhere")
        return lambda value: value[slice(start, stop, step)] if isinstance(value, list) else ()
    parts = [one.strip() for one in inner.split(",")]
    if all(re.fullmatch(r"-?\d+", one) for one in parts):
        numbers = [int(one) for one in parts]
        return lambda value: [value[at] for at in numbers if isinstance(value, list) and -len(value) <= at < len(value)]
    quoted = [_QUOTED.fullmatch(one) for one in parts]
    keys = [_key(_plain(one[1] or one[2] or "")) for one in quoted if one]
    if len(keys) != len(parts):
        raise NoPath(f"[{inner}] is neither an index, a slice, a key nor a filter")
    return lambda value: [found for key in keys for found in key(value)]


def _filtered(inner: str) -> Step:
    found = _FILTER.fullmatch(inner)
    if found is None:
        raise NoPath(f"[{inner}] is no filter")
    steps = _path(found["path"])
    if not found["sign"]:
        return lambda value: [each for each in _every(value) if _walk([each], steps)]
    wanted, compare = _literal(found["value"]), _SIGNS[found["sign"]]

    def holds(each: Any) -> bool:
        try:
            return any(compare(one, wanted) for one in _walk([each], steps))
        except TypeError:
            return False

    return lambda value: [each for each in _every(value) if holds(each)]


def _literal(text: str) -> Any:
    if quoted := _QUOTED.fullmatch(text):
        return _plain(quoted[1] or quoted[2] or "")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise NoPath(f"{text} is no value") from wrong


def _key(name: str) -> Step:
    def step(value: Any) -> Iterable[Any]:
        return [value[name]] if isinstance(value, dict) and name in value else ()

    return step


def _every(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _deep(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]
        for inner in _every(value):
            yield from step(inner)

    return step
