from __future__ import annotations

from datetime import date

import pytest

from chatops.runbook_index.pages import Block, PageProblem, anchor_of, commands_of, read_page

TEXT = """---
title: The queue grows
alerts: [QueueGrows]
causes: QueueBacklog
reviewed: 2026-11-20
---
# The queue grows

## First checks
```sh
# not a heading
kubectl get pods
```
See [the other](other.md#fix) and ![a picture](p.png).

## QueueBacklog: the `consumer` is slow
text

### First checks
again
"""


def test_reads_front_matter_sections_and_blocks() -> None:
    page = read_page(TEXT, "team/queue", "https://wiki/queue.md")

    assert page.title == "The queue grows"
    assert page.name == "queue"
    assert page.listed("alerts") == ("QueueGrows",)
    assert page.listed("causes") == ("QueueBacklog",)
    assert page.listed("owners") == ()
    assert page.reviewed == date(2026, 11, 20)
    assert [s.heading for s in page.sections] == [
        "The queue grows",
        "First checks",
        "QueueBacklog: the consumer is slow",
        "First checks",
    ]
    checks = page.first_checks()
    assert checks is not None
    assert checks.blocks[0].text == "# not a heading\nkubectl get pods"
    assert TEXT.splitlines()[checks.blocks[0].line - 1] == "# not a heading"
    assert checks.links == ("other.md#fix",)


def test_anchors_are_those_of_the_forges() -> None:
    page = read_page(TEXT, "queue")

    assert [s.anchor for s in page.sections] == [
        "the-queue-grows",
        "first-checks",
        "queuebacklog-the-consumer-is-slow",
        "first-checks-1",
    ]
    assert anchor_of("What's up? (A & B)") == "whats-up-a--b"
    assert read_page("## Own {#mine}\ntext", "x").sections[0].anchor == "mine"


def test_the_section_of_a_cause_is_found_by_its_heading() -> None:
    page = read_page(TEXT, "queue")

    section = page.section_for_cause("QueueBacklog")
    assert section is not None
    assert section.anchor.startswith("queuebacklog")
    assert page.section_for_cause("Queue") is None


def test_a_page_without_front_matter_is_named_by_its_first_heading() -> None:
    assert read_page("# Disk\ntext", "disk").title == "Disk"
    assert read_page("only text", "some/disk").title == "disk"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\ntitle: x\n", "does not end"),
        ("---\ntitle: [x\n---\n", "not YAML"),
        ("---\n- a\n---\n", "not a mapping"),
    ],
)
def test_broken_front_matter_is_told(text: str, says: str) -> None:
    with pytest.raises(PageProblem, match=says) as caught:
        read_page(text, "bad")
    assert caught.value.path == "bad"


def test_commands_are_joined_over_lines_and_comments_left_out() -> None:
    block = Block("sh", "# why\n$ get pods \\\n  -n x\n\nget nodes", 10)
    assert list(commands_of(block)) == [(11, "get pods -n x"), (14, "get nodes")]
