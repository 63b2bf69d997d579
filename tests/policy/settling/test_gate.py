"""A flood is cut and counted, and a name is believed of systems or of who lists it."""

from __future__ import annotations

from chatops.policy.commands import judge
from chatops.policy.settling.gate import Gate
from chatops.policy.text.claims import Claims
from chatops.policy.text.observed import observe
from tests.persona.cases import case


def gate(*listed: str) -> Gate:
    """A gate over the usual case, with names that a connector lists."""
    known = case()
    evidence = {one.id: one for one in known.evidence}
    observed = observe(known, known.evidence)
    claims = Claims(observed, judge, frozenset(evidence))
    return Gate(
        known, evidence, known.coverage, observed, claims, judge, lambda argv: True, lambda name: name in listed
    )


def test_of_a_flood_as_many_as_anybody_reads_are_kept_and_the_rest_is_counted_so_far() -> None:
    few, many = gate(), gate()
    assert few.first(["a", "b"], 3, "steps") == ["a", "b"]
    assert few.removed == []
    assert many.first(["x"] * 100_000, 3, "steps") == ["x"] * 3
    assert set(many.removed) == {"steps: more than anybody reads"}
    assert len(many.removed) == 100


def test_what_is_taken_out_of_a_text_is_counted_with_its_place() -> None:
    known = gate()
    known.text("The cause is E99.", "summary")
    assert any("summary" in one for one in known.removed)


def test_a_name_is_there_where_systems_said_it_or_a_connector_lists_it() -> None:
    known = gate("listed-elsewhere")
    assert (known.named("cart"), known.there("cart")) == (True, True)
    assert (known.named("listed-elsewhere"), known.there("listed-elsewhere")) == (False, True)
    assert known.there("invented") is False
