"""Spans: what they carry, and that a context survives as text."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chatops import tracing
from tests.otlp import collecting

SCRIPT = """
import sys
from opentelemetry import trace
from chatops import tracing
end = tracing.set_up_traces(sys.argv[1], float(sys.argv[2]), "worker", "1")
with tracing.span("first", source="alertmanager") as step:
    there = tracing.here()
    tracing.note(step, incident="inc-1")
try:
    with tracing.span("later", there):
        raise ValueError("what somebody said")
except ValueError:
    pass
with trace.get_tracer("docket").start_as_current_span("of the library"):
    pass
end()
print(there)
"""


async def traced(url: str, share: float) -> str:
    """Run the script in a process of its own: a process has one tracer provider."""
    from anyio import run_process

    done = await run_process([sys.executable, "-c", SCRIPT, url, str(share)], stderr=subprocess.PIPE)
    return done.stdout.decode().strip()


async def test_a_step_elsewhere_continues_the_trace() -> None:
    async with collecting() as collector:
        there = await traced(collector.url + "/", 1)
    first, later = collector.spans
    assert (first.name, first.parent, first.role) == ("first", "", "worker")
    assert there == f"00-{first.trace}-{first.id}-03", "sampled, and random"
    assert first.attributes == {"chatops.source": "alertmanager", "chatops.incident": "inc-1"}
    assert (later.name, later.trace, later.parent, later.failed) == ("later", first.trace, first.id, "ValueError")
    assert later.attributes == {"error.type": "ValueError"}
    assert b"somebody" not in b"".join(collector.raw)


async def test_an_incident_outside_the_share_is_not_traced_anywhere() -> None:
    async with collecting() as collector:
        there = await traced(collector.url, 0)
    assert there.endswith("-02"), "the decision travels with the context"
    assert collector.spans == []


def test_without_an_exporter_a_step_is_nothing() -> None:
    with tracing.span("step", source="x") as step:
        assert tracing.here() == ""
        assert not step.is_recording()


def test_a_context_that_is_no_context_is_ignored() -> None:
    with pytest.raises(ZeroDivisionError), tracing.span("step", "nonsense"):
        raise ZeroDivisionError
