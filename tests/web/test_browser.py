"""The page in a real browser: it reads well, works by keyboard, and obeys its own policy."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from chatops.demo.serving import listen, serving
from chatops.domain.incident import Incident, TimelineEntry
from chatops.store import RedisStore
from chatops.web.access import signed_path
from chatops.web.page import page
from chatops.web.routes import routes
from connectors.evidence import Coverage, LogPattern, LogPatterns, ResourceState, State
from tests import factories
from tests.conftest import NOW
from tests.web.browser import DESKTOP, PHONE, Tab, axe_source, chromium, needs_chromium
from tests.web.cases import hostile, timeline, usual

pytestmark = [pytest.mark.browser, needs_chromium]
KEY = b"k" * 32


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as opened:
        yield opened
        assert opened.problems == []


@pytest.fixture
async def told(store: RedisStore) -> Incident:
    incident = factories.incident()
    await store.add(incident)
    await store.save_case(incident.id, usual(incident=factories.diagnosis(incident).incident), [])
    for entry in timeline():
        await store.note(incident.id, entry)
    return incident


@pytest.fixture
async def link(store: RedisStore, told: Incident) -> AsyncIterator[str]:
    ending = asyncio.Event()
    app = Starlette(routes=routes(store, KEY, clock=lambda: NOW, look=0.05, stopping=ending.is_set))
    async with serving(app, listen("127.0.0.1", 0)) as url:
        yield url + signed_path(told.id, KEY, NOW + timedelta(hours=1))
        ending.set()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_axe_finds_nothing_and_nothing_runs_over(tab: Tab, link: str, size: tuple[int, int], dark: bool) -> None:
    await tab.open(link, size, dark=dark)
    assert await tab.eval("document.documentElement.scrollWidth") == size[0]
    assert await tab.violations(axe_source()) == []


async def test_the_page_fills_itself_and_keeps_what_is_unfolded(
    tab: Tab, link: str, store: RedisStore, told: Incident
) -> None:
    await tab.open(link)
    await tab.until("document.querySelector('#E1 details')")
    await tab.eval("document.querySelector('#E1 details').open = true")
    await store.note(told.id, TimelineEntry(at=NOW, kind="statement", text="rolled back by hand"))
    await tab.until("document.body.textContent.includes('rolled back by hand')")
    assert await tab.eval("document.querySelector('#E1 details').open")


async def test_a_query_is_copied_by_keyboard(tab: Tab, link: str) -> None:
    await tab.open(link)
    await tab.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    await tab.until("document.querySelector('button.copy:not([hidden])')")
    await tab.eval("document.querySelector('button.copy').focus()")
    await tab.press("Enter")
    await tab.until("document.getElementById('said').textContent === 'Copied'")
    assert await tab.eval("navigator.clipboard.readText()") == "kubectl logs checkout-1"


async def test_the_first_tab_skips_to_the_diagnosis(tab: Tab, link: str) -> None:
    await tab.open(link)
    await tab.press("Tab")
    assert await tab.eval("document.activeElement.className") == "skip"


async def test_a_file_opens_alone_and_hostile_evidence_does_nothing(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(hostile(), timeline(), now=NOW), "utf-8")
    await tab.open(path.as_uri())
    await asyncio.sleep(0.2)
    assert await tab.eval("document.querySelectorAll('img').length") == 0
    assert await tab.eval("getComputedStyle(document.querySelector('main')).maxWidth") == "1180px"
    assert await tab.eval("document.querySelector('button.copy').hidden") is False


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_long_names_and_errors_do_not_run_over(tab: Tab, tmp_path: Path, size: tuple[int, int]) -> None:
    long = "could not be read (query: " + 'sum_by_namespace_pod(rate(http_requests_total{code=~"5.."}[3m]))' * 20
    known = usual(
        gaps=(long,),
        summary=long,
        coverage=(Coverage(source="prometheus", check="golden_signals", state=State.FAILED, detail=long),),
        evidence=tuple(factories.evidence(n, title=long, summary=long, query=long, onset=NOW) for n in range(1, 5)),
    )
    path = tmp_path / "long.html"
    await asyncio.to_thread(path.write_text, page(known, timeline(), now=NOW), "utf-8")
    await tab.open(path.as_uri(), size)
    assert await tab.eval("document.documentElement.scrollWidth") == size[0]


async def test_on_a_telephone_no_table_is_pushed_sideways(tab: Tab, tmp_path: Path) -> None:
    pods = ResourceState(
        columns=("pod", "phase", "ready", "restarts", "node"), rows=(("checkout-7d9f-x2x1q",) * 5,) * 3
    )
    patterns = LogPatterns(
        patterns=tuple(
            LogPattern(
                template=f"{n} cannot connect to <*> " * 3,
                example="cannot connect to 10.0.0.7",
                before=0,
                after=n,
                level="error",
            )
            for n in (7, 12)
        ),
        lines=400,
    )
    known = usual(evidence=(factories.evidence(1, body=patterns), factories.evidence(4, body=pods)))
    path = tmp_path / "tables.html"
    await asyncio.to_thread(path.write_text, page(known, timeline(), now=NOW), "utf-8")
    await tab.open(path.as_uri(), PHONE)
    aside = "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth).length"
    assert await tab.eval("document.querySelectorAll('.labelled').length") == 2
    assert await tab.eval(aside) == 0
    await tab.look(DESKTOP)
    assert await tab.eval("getComputedStyle(document.querySelector('.labelled thead')).display") != "none"


async def test_a_citation_unfolds_what_it_leads_to(tab: Tab, link: str) -> None:
    await tab.open(link)
    assert await tab.eval("document.querySelector('#E3 > details').open") is False
    await tab.eval("location.hash = '#E3'")
    await tab.until("document.querySelector('#E3 > details').open")
    await tab.until("document.body.classList.contains('online')")


async def test_printed_it_hides_what_only_works_on_a_screen(tab: Tab, link: str) -> None:
    await tab.open(link)
    await tab.call("Emulation.setEmulatedMedia", media="print")
    assert await tab.eval("getComputedStyle(document.querySelector('.copy')).display") == "none"
    told = await tab.call("Page.printToPDF")
    assert len(told["data"]) > 10_000
