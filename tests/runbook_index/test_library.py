from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatops.domain.alert import Alert
from chatops.runbook_index import Folder, Library
from chatops.runbook_index.library import LOOK_EVERY, excerpt_of
from chatops.runbook_index.pages import read_page

MEMORY = """---
title: Memory
alerts: [PodOOM]
causes: [OOMKilled, MemoryPressure]
reviewed: 2026-11-20
---
## First checks
Look at `kubectl top`.
## OOMKilled
The limit was reached, container killed.
"""
DNS = "---\ntitle: Names\ncauses: [DNSResolutionFailure]\n---\n## First checks\nNXDOMAIN from CoreDNS lookups\n"
QUEUE = "# Queue\n## First checks\nconsumers lag behind the broker\n"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def alert(name: str, **more: object) -> Alert:
    base = {"fingerprint": name, "source": "test", "name": name, "starts_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return Alert.model_validate(base | more)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {"memory": MEMORY, "dns": DNS, "queue": QUEUE}.items():
        (tmp_path / f"{name}.md").write_text(text)
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(root: Path, clock: Clock) -> Library:
    return Library([Folder(root, "mine", "https://wiki")], clock)


def test_the_alerts_own_link_comes_first_then_alert_then_cause_and_words_only_without_these(library: Library) -> None:
    fired = alert("PodOOM", runbook_url="https://elsewhere/page")
    hits = library.for_incident([fired], ["DNSResolutionFailure"], "consumers lag behind the broker", limit=5)

    assert [(hit.how, hit.link.href) for hit in hits] == [
        ("link", "https://elsewhere/page"),
        ("alert", "https://wiki/memory.md#first-checks"),
        ("cause", "https://wiki/dns.md#first-checks"),
    ]
    (by_words, *_) = library.for_incident([], [], "consumers lag behind the broker")
    assert (by_words.how, by_words.link.href) == ("text", "https://wiki/queue.md#first-checks")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert "PodOOM" in hits[1].link.why
    assert "DNSResolutionFailure" in hits[2].link.why
    assert "consumers" in by_words.link.why


def test_an_alert_with_a_known_cause_leads_to_the_causes_section(library: Library) -> None:
    (hit,) = library.for_incident([alert("PodOOM")], ["OOMKilled"], "")
    assert hit.link.href == "https://wiki/memory.md#oomkilled"
    assert hit.link.section == "OOMKilled"
    assert hit.excerpt == "The limit was reached, container killed."


def test_of_several_pages_for_an_alert_the_one_with_the_cause_is_meant(library: Library, root: Path) -> None:
    (root / "another.md").write_text("---\ntitle: Another\nalerts: [PodOOM]\n---\n## First checks\nlook\n")
    library.reload()
    fired = [alert("PodOOM")]
    assert {hit.slug for hit in library.for_incident(fired, [], "")} == {"memory", "another"}
    assert [hit.slug for hit in library.for_incident(fired, ["OOMKilled"], "")] == ["memory"]


def test_an_alerts_link_to_a_page_of_ours_is_that_page(library: Library) -> None:
    fired = alert("Other", annotations={"runbook_url": "https://wiki/memory.md#oomkilled"})
    (hit,) = library.for_incident([fired], [], "")
    assert (hit.slug, hit.how, hit.link.section) == ("memory", "link", "OOMKilled")


def test_pages_far_behind_the_best_are_not_shown_for_an_incident(library: Library, root: Path) -> None:
    (root / "far.md").write_text(
        "# Far\n## First checks\n" + "other words entirely " * 9 + "behind it the broker lags\n"
    )
    library.reload()
    question = "consumers lag behind the broker"
    assert [hit.slug for hit in library.search(question)] == ["queue", "far"]
    assert [hit.slug for hit in library.for_incident([], [], question)] == ["queue"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "wiki/page", ""])
def test_only_web_links_are_passed_on(library: Library, url: str) -> None:
    assert library.for_incident([alert("Other", runbook_url=url)], [], "") == []


def test_nothing_fits_is_an_answer(library: Library) -> None:
    assert library.search("the coffee machine is out of beans") == []
    assert library.for_incident([], ["NoSuchCause"], "coffee") == []


@pytest.mark.parametrize("name", ["OOMKilled", "oom-killed", "oom_killed", "memory_leak"])
def test_a_cause_is_found_by_code_slug_or_alias(library: Library, name: str) -> None:
    [hit] = library.for_incident((), [name], "")
    assert hit.link.section == "OOMKilled"


def test_a_cause_without_its_own_section_leads_to_the_first_checks(library: Library) -> None:
    [hit] = library.for_incident((), ["MemoryPressure"], "")
    assert hit.link.section == "First checks"
    assert library.for_incident((), ["ClockSkew"], "") == []


def test_changed_new_and_removed_pages_show_without_a_restart(library: Library, root: Path, clock: Clock) -> None:
    (root / "new.md").write_text("# Giraffes\n## First checks\nlong necks in the stable\n")
    (root / "queue.md").write_text("# Elephants\n## First checks\ntrunks in the stable\n")
    (root / "dns.md").unlink()
    assert library.search("giraffes long necks") == []

    clock.now += LOOK_EVERY
    assert [hit.slug for hit in library.search("giraffes long necks")] == ["new"]
    assert [hit.slug for hit in library.search("elephants trunks")] == ["queue"]
    assert library.for_incident((), ["DNSResolutionFailure"], "") == []


def test_only_what_changed_is_read_again(library: Library, root: Path) -> None:
    kept = next(page for page in library.pages if page.slug == "memory")
    assert not library.reload()
    os.utime(root / "dns.md", ns=(1, 1))
    assert library.reload()
    assert next(page for page in library.pages if page.slug == "memory") is kept


def test_a_broken_page_is_told_and_hides_no_other(library: Library, root: Path) -> None:
    (root / "broken.md").write_text("---\ntitle: [x\n---\n# Replication stands still\nThe replica lags behind.")
    library.reload()
    assert library.search("replica lags behind")[0].slug == "broken", "its words are found all the same"
    assert "broken" in library.stats().problems[0]
    (root / "other.md").write_text("# Other")
    library.reload()
    assert "broken" in library.stats().problems[0], "it is as broken as it was"


def test_stats_count_what_is_there_and_what_is_missing(library: Library) -> None:
    stats = library.stats()
    assert (stats.pages, stats.alerts, stats.causes, stats.unreviewed) == (3, 1, 3, 2)
    assert stats.sources == {"mine": 3}
    assert "ClockSkew" in stats.causes_missing
    assert "OOMKilled" not in stats.causes_missing


def test_an_excerpt_is_prose() -> None:
    page = read_page("## A\n```sh\nrm x\n```\nRead **the** [log](l.md): " + "word " * 100, "a")
    excerpt = excerpt_of(page.sections[0], 40)
    assert excerpt.startswith("Read the log: word")
    assert excerpt.endswith("…")
    assert len(excerpt) <= 40


def test_an_excerpt_of_a_table_is_its_rows() -> None:
    page = read_page(
        "# T\n## Mitigations\n| Do | Rollback |\n| --- | :-- |\n| Stop *it* | start |\n\nWait.\n", "t", "t", "s"
    )
    assert excerpt_of(page.sections[-1]) == "Stop it – start. Wait."
