"""What a page gives to run for a cause, and how it is read."""

from __future__ import annotations

from chatops.runbook_index.checks import checks_of, prose
from chatops.runbook_index.pages import read_page

PAGE = read_page(
    """---
title: Memory
causes: [OOMKilled, MemoryPressure]
---
# Memory
## First checks
```sh
kubectl top pods -n NAMESPACE
```
Compare.

## OOMKilled
```promql
up
```
```sh
# the limit
kubectl get pods -n NAMESPACE \\
  -o wide
kubectl get events
```
`137` beside the [limit](x.md) **confirms** it. `another` sentence that is long enough to be left out where there is
little room for it, as here, for nobody reads a
whole page beside a command at night, and the page is linked anyway, two lines below.

## MemoryPressure
It grows.
""",
    "memory",
)


def test_the_section_on_the_cause_tells_before_the_first_checks() -> None:
    checks = checks_of(PAGE, "OOMKilled")
    assert checks is not None
    assert checks.commands == (
        "kubectl get pods -n NAMESPACE -o wide",
        "kubectl get events",
        "kubectl top pods -n NAMESPACE",
    )
    assert (checks.reading, checks.title) == ("137 beside the limit confirms it.", "Memory § OOMKilled")


def test_without_commands_of_its_own_the_first_checks_do() -> None:
    checks = checks_of(PAGE, "MemoryPressure")
    assert checks is not None
    assert (checks.commands, checks.reading) == (("kubectl top pods -n NAMESPACE",), "")


def test_a_page_without_commands_tells_nothing() -> None:
    assert checks_of(read_page("# Memory\n## OOMKilled\nIt grows.\n", "memory"), "OOMKilled") is None


def test_a_first_sentence_too_long_is_cut_between_words() -> None:
    section = PAGE.section_for_cause("OOMKilled")
    assert section is not None
    assert prose(section, 12) == "137 beside…"
