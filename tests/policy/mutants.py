"""How many mutants of the command gate, or of redaction, do their tests kill? `make mutants` (or
`python -m tests.policy.mutants [N [SEED [commands|redaction]]]`).

A sample of N places in the functions of `chatops/policy/commands*.py` and `chatops/policy/grammar` (or of
`chatops/policy/redaction/`) is drawn by the seed; one operator, constant or returned value is changed at each,
as mutmut and cosmic-ray do, and the tests of the same name are called in a forked process that imports the changed
module. Those tools start an interpreter and pytest for every mutant. What survives is printed. Two hundred mutants
take five to ten minutes.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import itertools
import os
import random
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "chatops" / "policy"
HERE = Path(__file__).parent
SUBJECTS = {
    "commands": (
        (*sorted(POLICY.glob("commands*.py")), *sorted((POLICY / "grammar").glob("*.py"))),
        (*sorted(HERE.glob("test_commands*.py"), reverse=True), *sorted(HERE.glob("grammar/test_*.py"))),
    ),
    "redaction": (sorted(POLICY.glob("redaction/*.py")), sorted(HERE.glob("redaction/test_*.py"), reverse=True)),
}
"""What is changed, and the tests that should notice."""

SECONDS = 120
"""Of the processor: a mutant that takes more does not end, and is as good as killed."""

_SWAPPED: dict[type[ast.AST], type[Any]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


def places(tree: ast.Module) -> list[ast.AST]:
    """What can be changed inside functions, docstrings left out, in the order of the text."""
    found: list[ast.AST] = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        docstring = function.body[0] if ast.get_docstring(function) else None
        for statement in function.body:
            if statement is not docstring:
                found += [n for n in ast.walk(statement) if not isinstance(n, ast.FunctionDef) and _changeable(n)]
    return found


def _changeable(node: ast.AST) -> bool:
    match node:
        case ast.Compare():
            return type(node.ops[0]) in _SWAPPED
        case ast.BoolOp() | ast.BinOp():
            return type(node.op) in _SWAPPED
        case ast.Constant():
            return isinstance(node.value, bool | int | str)
        case ast.Return():
            return node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None)
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def change(node: ast.AST) -> None:
    """Make the node say something else."""
    match node:
        case ast.Compare():
            node.ops[0] = _SWAPPED[type(node.ops[0])]()
        case ast.BoolOp() | ast.BinOp():
            node.op = _SWAPPED[type(node.op)]()
        case ast.Constant(value=bool(flag)):
            node.value = not flag
        case ast.Constant(value=int(number)):
            node.value = number + 1
        case ast.Constant(value=str(text)):
            node.value = f"XX{text}XX"
        case ast.Return():
            node.value = ast.Constant(None)
        case ast.UnaryOp():
            node.op, node.operand = ast.UAdd(), ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another text."""

    def __init__(self, path: Path, text: str) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self._package = parts[-1] == "__init__"
        self._name, self._path, self._text = ".".join(parts[:-1] if self._package else parts), path, text

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The changed module; nothing for any other."""
        if name != self._name:
            return None
        inside = [str(self._path.parent)] if self._package else None
        return importlib.util.spec_from_file_location(name, self._path, loader=self, submodule_search_locations=inside)

    def exec_module(self, module: ModuleType) -> None:
        """Run the other text."""
        exec(compile(self._text, str(self._path), "exec"), module.__dict__)


def calls(tests: Sequence[Path]) -> Iterator[Callable[[], object]]:
    """The tests, one call for each set of parameters; property tests and those with fixtures are left out."""
    for path in tests:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for test in (each for key, each in vars(module).items() if key.startswith("test_")):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            given = [list(_given(*mark.args)) for mark in marks]
            names = {name for one in given for name in one[0]}
            if hasattr(test, "hypothesis") or names != set(inspect.signature(test).parameters):
                continue
            for chosen in itertools.product(*given):
                yield partial(test, **{name: value for one in chosen for name, value in one.items()})


def _given(names: str | Sequence[str], rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The arguments of each row of a `parametrize`."""
    named = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    for row in rows:
        values = getattr(row, "values", row) if not isinstance(row, dict) else row
        yield dict(zip(named, [values] if len(named) == 1 and not hasattr(row, "marks") else values, strict=True))


def survives(mutant: Changed | None, tests: Sequence[Path]) -> bool:
    """Whether all tests pass in a forked process that imports the mutant."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        if mutant:
            sys.meta_path.insert(0, mutant)
        for call in calls(tests):
            call()
    except BaseException:  # whatever a mutant breaks, it is noticed
        os._exit(1)
    os._exit(0)


def main(number: int, seed: int, subject: str) -> int:
    """Draw the sample, count what is killed; 1 where less than nine tenths are."""
    sys.dont_write_bytecode = True
    for name in ("pytest", "hypothesis", "promql_parser"):
        importlib.import_module(name)  # once, and not in every child
    files, tests = SUBJECTS[subject]
    if not survives(None, tests):
        sys.exit("the tests fail without any mutant")
    sites = [(path, at) for path in files for at in range(len(places(ast.parse(path.read_text("utf-8")))))]
    random.Random(seed).shuffle(sites)
    killed = 0
    for path, at in sites[:number]:
        tree = ast.parse(path.read_text("utf-8"))
        node = places(tree)[at]
        before, line = ast.unparse(node)[:80], getattr(node, "lineno", 0)
        change(node)
        nearest = sorted(tests, key=lambda test: test.stem != f"test_{path.stem}")
        alive = survives(Changed(path, ast.unparse(ast.fix_missing_locations(tree))), nearest)
        killed += not alive
        if alive:
            sys.stdout.write(f"survives: {path.relative_to(ROOT)}:{line}: {before}\n")
            sys.stdout.flush()
    tried = min(number, len(sites))
    sys.stdout.write(f"killed {killed} of {tried} ({killed / tried:.3f}), drawn from {len(sites)} by the seed {seed}\n")
    return int(killed / tried < 0.9)


if __name__ == "__main__":
    number, seed, subject = [*sys.argv[1:], *["200", "1", "commands"][len(sys.argv) - 1 :]]
    sys.exit(main(int(number), int(seed), subject))
