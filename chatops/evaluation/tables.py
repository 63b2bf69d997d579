"""How do the figures look in a terminal?"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table

from chatops.evaluation.figures import Accuracy, Figures
from chatops.evaluation.scoring import Outcome


def show(found: Figures, console: Console) -> None:
    """Print every table that has something in it."""
    for part in _parts(found):
        console.print(part)


def _parts(found: Figures) -> Iterator[RenderableType]:
    if found.accuracy.cases:
        yield _by_cause(found)
    if any(one.expected != one.answered for one in found.confusion):
        yield _confusion(found)
    if found.calibration.bins:
        yield _calibration(found)
        first, every = found.calibration.expected_error_first or 0.0, found.calibration.expected_error or 0.0
        yield f"Expected calibration error: {every:.3f} over all hypotheses, {first:.3f} over the first of each case"
    if found.healthy.cases:
        yield _healthy(found)
    if found.false_claims:
        yield "\n  ".join([f"False claims on the other cases: {len(found.false_claims)}", *found.false_claims])
    wrong = [one for one in found.cases if one.error or (one.expected and not one.right_within(1))]
    if wrong:
        yield _wrong(wrong)
    yield _cost(found)


def _by_cause(found: Figures) -> Table:
    table = Table(title="Accuracy, cause and object", title_justify="left")
    table.add_column("cause")
    for name in ("cases", "@1", "@3", "cause @1", "object @1"):
        table.add_column(name, justify="right")
    for row in found.causes:
        table.add_row(row.cause, *_cells(row.accuracy))
    table.add_section()
    table.add_row("all", *_cells(found.accuracy), style="bold")
    return table


def _cells(one: Accuracy) -> tuple[str, ...]:
    return str(one.cases), *(f"{share:.2f}" for share in (one.at_1, one.at_3, one.cause_at_1, one.object_at_1))


def _confusion(found: Figures) -> Table:
    table = Table("expected", "answered first", title="Taken for another cause", title_justify="left")
    table.add_column("cases", justify="right")
    for row in found.confusion:
        if row.expected != row.answered:
            table.add_row(row.expected, row.answered, str(row.cases))
    return table


def _calibration(found: Figures) -> Table:
    table = Table(title="Calibration", title_justify="left")
    for name in ("confidence", "hypotheses", "mean", "right"):
        table.add_column(name, justify="right")
    for one in found.calibration.bins:
        table.add_row(
            f"{one.low:.1f} – {one.high:.1f}", str(one.hypotheses), f"{one.confidence:.2f}", f"{one.right:.2f}"
        )
    return table


def _healthy(found: Figures) -> str:
    healthy = found.healthy
    lines = [f"Healthy cases: {healthy.cases}, with a false cause: {healthy.with_false_cause}"]
    return "\n  ".join([*lines, *healthy.false_causes])


def _wrong(outcomes: list[Outcome]) -> Table:
    table = Table(title="Not right at rank 1", title_justify="left")
    for name in ("case", "expected", "answered first"):
        table.add_column(name, overflow="fold")
    for one in outcomes:
        first = one.guesses[0] if one.guesses else None
        said = f"{first.cause} {first.object} {first.confidence:.2f}" if first else str(one.verdict or "")
        table.add_row(one.name, f"{one.expected} {one.expected_object}".strip(), one.error or said)
    return table


def _cost(found: Figures) -> str:
    cost = found.cost
    missing = sum(one.missing for one in found.cases)
    lines = [
        f"{len(found.cases)} cases; calls: {cost.calls_mean:.1f} a case, at most {cost.calls_most};"
        f" seconds: median {cost.seconds_median:.2f}, at most {cost.seconds_most:.2f}"
    ]
    if missing:
        lines.append(f"{missing} queries were not in the recordings: they were made by a version that did not ask them")
    return "\n".join(lines)
