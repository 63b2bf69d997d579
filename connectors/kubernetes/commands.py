"""Which tool answers a kubectl command, and with which arguments? Parsed, never run: there is no shell.

Only the words that the tools can honour are accepted. A flag that is not known means that the command is not ours
to answer, because half an answer to a question is a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.kubernetes import printing
from connectors.kubernetes.resources import named

Arguments = Mapping[str, Any]

_VALUED = {
    "-n": "namespace", "--namespace": "namespace", "-l": "labels", "--selector": "labels", "--field-selector": "fields",
    "-c": "container", "--container": "container", "--tail": "tail", "--since": "since", "-o": "output",
    "--output": "output", "--sort-by": "sort", "--for": "about", "--limit": "limit",
    "--types": "types", "--revision": "revision", "--timeout": "timeout",
}  # fmt: skip
_FLAGS = {
    "-A": "everywhere", "--all-namespaces": "everywhere", "-p": "previous", "--previous": "previous",
    "--timestamps": "timestamps", "--show-labels": "labelled", "--no-headers": "headless", "--containers": "containers",
    "--all-containers": "all_containers",
}  # fmt: skip
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_COUNT = re.compile(r"[0-9]{1,18}")
"""A number that a server takes; Python reads longer ones, and digits of other scripts, not everywhere."""
_PART = re.compile(rf"({_COUNT.pattern})([hms])")
_DURATION = re.compile(rf"(?:{_COUNT.pattern}[hms]){{1,3}}")
"""Go's durations, as kubectl takes them: `15m`, `1h30m`."""
_OUTPUTS = {"", "wide", "yaml", "json", "name"}
_TABLES = {"", "wide"}
_BEYOND_METADATA = re.compile(
    r"\.\.|[{:@ ]\.(?!metadata\b|items\[[^\]]*\]\.metadata\b)|(?:\bitems|[{:@ ])\[\*\](?!\.metadata)"
)
"""In an expression: a path that begins with something else."""


def parse(argv: Sequence[str]) -> tuple[list[str], dict[str, Any]] | None:
    """Words and options of a kubectl command; None where there is a flag that is not known."""
    if not argv or argv[0] != "kubectl":
        return None
    words: list[str] = []
    options: dict[str, Any] = {}
    rest = list(argv[1:])
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        name, given, value = word.partition("=")
        if name in _FLAGS and (not given or value in ("true", "false")):
            options[_FLAGS[name]] = value != "false"
        elif name in _VALUED and (given or rest):
            options[_VALUED[name]] = value if given else rest.pop(0)
        else:
            return None
    return words, options


def get(argv: Sequence[str]) -> Arguments | None:
    """`kubectl get KIND [NAME]`, with any output that is printed here of what may be read of the kind."""
    parsed = parse(argv)
    if parsed is None or parsed[0][:1] != ["get"]:
        return None
    words, options = parsed[0][1:], parsed[1]
    target, output = _target(words), str(options.get("output", ""))
    if target is None or not _prints(target[0], output) or (target[1] and output in ("yaml", "json")):
        return None
    return (
        _kept(options, "namespace", "labels", "fields", "sort")
        | _meant(target)
        | ({"output": output} if output not in _TABLES else {})
    )


def _prints(kind: str, output: str) -> bool:
    """Whether an output is answered wholly: of some kinds nothing but the metadata is read."""
    row = named(kind)
    if output in _OUTPUTS:
        return output in _TABLES or output == "name" or not (row and row.metadata_only)
    inside = not (row and row.metadata_only) or not _BEYOND_METADATA.search(output)
    return inside and printing.can(output)


def describe(argv: Sequence[str]) -> Arguments | None:
    """`kubectl describe KIND [NAME]`, `kubectl get KIND NAME -o yaml`, `kubectl rollout status KIND/NAME`."""
    parsed = parse(argv)
    if parsed is None:
        return None
    words, options = parsed
    whole = words[:1] == ["get"] and options.get("output") in ("yaml", "json")
    rest = (
        words[1:] if words[:1] == ["describe"] or whole else words[2:] if words[:2] == ["rollout", "status"] else None
    )
    target = _target(rest or [])
    if target is None or not (target[1] or words[0] == "describe") or (whole and not _prints(target[0], "yaml")):
        return None
    return _kept(options, "namespace", "labels") | _meant(target)


def history(argv: Sequence[str]) -> Arguments | None:
    """`kubectl rollout history KIND/NAME`."""
    parsed = parse(argv)
    if parsed is None or parsed[0][:2] != ["rollout", "history"]:
        return None
    target = _target(parsed[0][2:])
    return None if target is None or not target[1] else _kept(parsed[1], "namespace") | _meant(target)


def logs(argv: Sequence[str]) -> Arguments | None:
    """`kubectl logs POD`, `kubectl logs KIND/NAME` or `kubectl logs -l SELECTOR`."""
    parsed = parse(argv)
    if parsed is None or parsed[0][:1] != ["logs"] or len(parsed[0]) not in ((1,) if "labels" in parsed[1] else (2, 3)):
        return None
    options = _kept(parsed[1], "namespace", "container", "previous", "labels")
    if "since" in parsed[1]:
        if not _DURATION.fullmatch(since := str(parsed[1]["since"])):
            return None
        options["since"] = sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(since))
    if _COUNT.fullmatch(str(parsed[1].get("tail", ""))):
        options["tail"] = int(parsed[1]["tail"])
    if "labels" in options:
        return options
    kind, slash, name = parsed[0][1].partition("/")
    if len(parsed[0]) == 3:
        options["container"] = parsed[0][2]
    return options | ({"kind": kind, "name": name} if slash else {"kind": "pod", "name": kind})


def top(argv: Sequence[str]) -> Arguments | None:
    """`kubectl top pods|nodes [NAME]`."""
    parsed = parse(argv)
    if parsed is None or parsed[0][:1] != ["top"] or parsed[1].get("sort", "cpu") not in ("cpu", "memory"):
        return None
    target = _target(parsed[0][1:])
    if target is None or target[0] not in ("pods", "nodes"):
        return None
    return (
        _kept(parsed[1], "namespace", "labels", "sort")
        | {"kind": target[0]}
        | ({"name": target[1]} if target[1] else {})
    )


def events(argv: Sequence[str]) -> Arguments | None:
    """`kubectl events [--for KIND/NAME]`; `kubectl get events` is a list like any other."""
    parsed = parse(argv)
    if parsed is None or parsed[0] != ["events"]:
        return None
    kind, _, name = str(parsed[1].get("about", "")).partition("/")
    return _kept(parsed[1], "namespace") | ({"kind": kind, "name": name} if name else {})


def _target(words: Sequence[str]) -> tuple[str, str] | None:
    """Kind and name from `KIND NAME`, `KIND/NAME` or `KIND`; None for kinds that are not read."""
    if not words or len(words) > 2 or "," in words[0]:
        return None
    kind, slash, name = words[0].partition("/")
    if slash and len(words) == 2:
        return None
    row = named(kind)
    return None if row is None else (row.plural, name if slash else words[1] if len(words) == 2 else "")


def _meant(target: tuple[str, str]) -> dict[str, Any]:
    return {"kind": target[0]} | ({"name": target[1]} if target[1] else {})


def _kept(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    found = {name: options[name] for name in names if name in options}
    if options.get("everywhere"):
        found["namespace"] = "*"
    return found
