"""Where errors begin and time is lost: what is concluded from samples, and from how few nothing is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.evidence import Evidence, Role
from connectors.traces import judging
from connectors.traces.judging import Samples
from connectors.traces.spans import Place, Trace
from tests.connectors.traces.shop import ONSET, many

ITEM = Evidence(key="k", source="jaeger", check="trace_errors", title="Errors", summary="…", query="q")
CALM = many(ONSET - timedelta(minutes=20), 12, 1)
PAIRS = (("web", "cart"), ("cart", "payments"))


def slower(redis: float, count: int = 12) -> list[Trace]:
    return many(ONSET, count, 100, redis=redis)


def failed(count: int, first: int = 200) -> list[Trace]:
    return many(ONSET, count, first, refused=True)


def test_errors_begin_at_who_was_called_and_says_nothing_itself() -> None:
    samples = Samples(CALM, failed(12), (), failed(12), PAIRS, "shop", "jaeger")
    (main,) = judging.origins(samples)
    assert (main.place.service, main.place.peer, main.before, main.after) == ("payments", "redis", 0, 12)
    cause, *symptoms = judging.failing(samples, [main], ITEM)
    assert (cause.cause, cause.subject.name, cause.rests_on) == ("DependencyUnavailable", "redis", ("k",))
    assert [(one.subject.name, one.role) for one in symptoms] == [
        ("payments", Role.SYMPTOM), ("cart", Role.SYMPTOM), ("web", Role.SYMPTOM)
    ]  # fmt: skip
    assert [one.name for one in cause.explains] == ["payments", "cart", "web"]


@pytest.mark.parametrize(
    ("before", "after", "blamed"),
    [
        (0, 3, True),
        (0, 2, False),  # twice is chance
        (3, 8, False),  # hardly more than before
        (3, 9, True),
    ],
)
def test_errors_blame_somebody_only_where_they_are_new_and_many(before: int, after: int, blamed: bool) -> None:
    samples = Samples(CALM, CALM, failed(before, 400), failed(after))
    assert bool(judging.failing(samples, judging.origins(samples), ITEM)) is blamed


def test_of_many_places_none_is_the_main_one() -> None:
    spread = [judging.Origin(Place(name, "op"), 0, 4, "", "t") for name in ("a", "b", "c")]
    samples = Samples(CALM, CALM, (), failed(12))
    assert judging.failing(samples, spread, ITEM) == []
    assert judging.failing(samples, [], ITEM) == []


def test_time_is_lost_where_nobody_below_explains_it() -> None:
    samples = Samples(CALM, slower(0.9), pairs=PAIRS, namespace="shop", store="zipkin")
    main, *others = judging.losses(samples)
    assert (main.place.peer, main.traces, round(main.lost, 1)) == ("redis", 12, 10.8)
    assert all(abs(one.lost) < 0.1 for one in others), "who waits has not lost time of its own"
    cause, *symptoms = judging.slow(samples, [main, *others], ITEM)
    assert (cause.cause, cause.subject.name, cause.rule) == ("LatencyIncrease", "redis", "zipkin:where-it-begins")
    assert "100% of all additional time" in cause.statement
    assert {one.rule for one in symptoms} == {"zipkin:waits-for-it"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CALM[:4], slower(0.9)),  # too few before
        (CALM, slower(0.9, 4)),  # too few after
        (CALM, slower(0.02)),  # a few milliseconds
        (many(ONSET - timedelta(minutes=20), 12, 1, redis=0.6), slower(0.9)),  # not twice as long
        (CALM, CALM),
    ],
)
def test_what_is_little_or_seen_seldom_is_no_loss(before: list[Trace], after: list[Trace]) -> None:
    samples = Samples(before, after)
    assert judging.slow(samples, judging.losses(samples), ITEM) == []


def test_a_service_is_the_workload_that_others_know() -> None:
    subject = Samples((), (), namespace="shop").subject("cart.shop.svc.cluster.local")
    assert (subject.kind, subject.namespace, subject.name) == ("Deployment", "shop", "cart")


def test_tables_are_cut_and_say_by_how_much() -> None:
    origins = [judging.Origin(Place(f"s{n}", "op"), 0, n, "m" * 300, "t") for n in range(15)]
    table = judging.origins_table(origins)
    assert (len(table.rows), table.omitted, len(table.rows[0][5])) == (12, 3, 200)
    losses = [judging.Loss(Place("s", "op"), 0.004, 12.0, 3, "t")]
    assert judging.losses_table(losses).rows == (("s", "op", "", "4 ms", "12.0 s", "t"),)
    assert judging.told(losses) == "s: op: 4 ms before, 12.0 s after"
    assert judging.told([losses[0]._replace(after=0.001)]) == "", "who became quicker is not told"
