"""What is wrong with a setting, as one line: its name, its variable, what was given, and what is expected.

The value itself is never said, only its kind: it may be a secret.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "text"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
    (type(None), "nothing"),
)
_EXPECTED: Mapping[str, str] = {
    "int_parsing": "a whole number is expected",
    "int_type": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_parsing": "a number is expected",
    "float_type": "a number is expected",
    "bool_parsing": "true or false is expected",
    "bool_type": "true or false is expected",
    "string_type": "text is expected (in YAML: in quotes)",
    "tuple_type": "a list is expected (in the environment: as JSON)",
    "mapping_type": "a mapping is expected (in the environment: as JSON)",
    "dict_type": "a mapping is expected (in the environment: as JSON)",
    "model_type": "a mapping is expected (in the environment: one variable a key, after two underscores)",
    "literal_error": "one of {expected} is expected",
    "greater_than": "more than {gt} is expected",
    "greater_than_equal": "at least {ge} is expected",
    "less_than": "less than {lt} is expected",
    "less_than_equal": "at most {le} is expected",
}
_OTHERS = frozenset({"CONFIG", "SECRETS_DIR"})
"""Variables that say where settings are."""
_LINKS = re.compile(r"(^|_)SERVICE_(HOST|PORT(_\w+)?)$|(^|_)PORT_\d+_\w+$")
"""What Kubernetes sets for a Service that is called chatops."""


def line(error: ValidationError, model: type[BaseModel], prefix: str = "") -> str:
    """Every problem of an error, in one line."""
    return "; ".join(_problem(one, model, prefix) for one in error.errors(include_url=False))


def _problem(problem: Mapping[str, Any], model: type[BaseModel], prefix: str) -> str:
    path = [str(part) for part in problem["loc"]]
    in_list = any(part.isdigit() for part in path)
    variable = "" if prefix or in_list else f" ({variable_of(path)})"
    name = f"{prefix}{'.'.join(path)}{variable}"
    if problem["type"] == "extra_forbidden":
        return f"{name}: there is no such setting{_meant(path, model)}"
    template = _EXPECTED.get(problem["type"])
    if template is None:  # our own validators, which say what to do
        return f"{name}: {str(problem['msg']).removeprefix('Value error, ')}"
    return f"{name}: {template.format(**problem.get('ctx', {}))}, and {_kind(problem['input'])} was given"


def variable_of(path: Iterable[str]) -> str:
    """The variable of a setting."""
    return "CHATOPS_" + "__".join(path).upper()


def _kind(value: object) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something else")


def _meant(path: list[str], model: type[BaseModel]) -> str:
    """The names that are nearest to the last part, among those that its parent has."""
    place: type[BaseModel] | None = model
    for part in path[:-1]:
        place = (
            place if place is None or part not in place.model_fields else _inner(place.model_fields[part].annotation)
        )
    known = list(place.model_fields) if place else []
    near = difflib.get_close_matches(path[-1], known, 2, 0.6)
    if near:
        return f", did you mean {' or '.join(near)}?"
    return f", there are: {', '.join(known)}" if known else ""


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model in a type such as `Route`, `tuple[Route, …]`, `Mapping[str, Service]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _inner(one))), None)


def not_json(environ: Mapping[str, str], model: type[BaseModel]) -> str:
    """The variables that must hold JSON and do not, in one line."""
    lines = []
    for variable in sorted(environ):
        path = variable.lower().removeprefix("chatops_").split("__")
        if variable.startswith("CHATOPS_") and _takes_json(path, model):
            try:
                json.loads(environ[variable])
            except ValueError as error:
                lines.append(f"{'.'.join(path)} ({variable}): JSON is expected ({error})")
    return "; ".join(lines)


def _takes_json(path: list[str], model: type[BaseModel]) -> bool:
    """Whether a setting is a mapping, a list or a group of settings."""
    field = model.model_fields.get(path[0])
    if field is None:
        return False
    inner = field.annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return len(path) == 1 or _takes_json(path[1:], inner)
    return len(path) == 1 and get_origin(inner) in (tuple, Mapping)


def unknown_variables(environ: Iterable[str], model: type[BaseModel]) -> list[str]:
    """A line for each variable that is meant as a setting and is none.

    Meant as one is what has a `__`, or is nearly the name of one; other programs may have variables of our prefix,
    and Kubernetes sets some for a Service of our name.
    """
    lines = []
    for variable in sorted(environ):
        name = variable.upper().removeprefix("CHATOPS_")
        top = name.partition("__")[0].lower()
        if name == variable.upper() or name in _OTHERS or top in model.model_fields or _LINKS.search(name):
            continue
        near = difflib.get_close_matches(top, model.model_fields, 1, 0.8)
        if "__" in name or near:
            lines.append(f"{variable}: there is no such setting{_meant([top], model)}")
    return lines
