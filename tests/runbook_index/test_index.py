from __future__ import annotations

from chatops.runbook_index.index import Index
from chatops.runbook_index.pages import Page, read_page
from chatops.runbook_index.terms import Reading, Vocabulary

PAGES = {
    "memory": "# A container runs out of memory\n## Symptoms\nOOMKilled, exit code 137\n"
    "## First checks\nlook at the limit\n## Mitigations\nraise the memory limit",
    "dns": "# Names do not resolve\n## Symptoms\nNXDOMAIN, no such host\n## First checks\nlook at CoreDNS",
    "quota": "# The namespace's quota is used up\n## Symptoms\nexceeded quota\n## First checks\ndescribe the quota",
    "certificate": "# A certificate has expired\n## Symptoms\nx509 errors\n## First checks\nlook at the dates",
    "filler": "# Coffee\n## First checks\nwater, beans, memory of better days",
}


def pages(texts: dict[str, str] = PAGES) -> list[Page]:
    return [read_page(text, slug) for slug, text in texts.items()]


def index(texts: dict[str, str] = PAGES) -> Index:
    return Index(pages(texts), Vocabulary())


def test_the_page_that_speaks_of_it_comes_first() -> None:
    for question, slug in [
        ("pod was OOMKilled", "memory"),
        ("could not resolve host", "dns"),
        ("x509 certificate expired", "certificate"),
        ("exceeded quota in the namespace", "quota"),
    ]:
        assert index().search(question)[0].page.slug == slug


def test_scores_lie_between_nothing_and_one() -> None:
    best = index().search("A certificate has expired")[0]
    assert 0.6 < best.score <= 1
    stranger = index().search("the certificate of the swimming instructor hangs above the trampoline")
    assert all(match.score < 0.35 for match in stranger)


def test_unknown_words_lower_the_score() -> None:
    known = index().search("certificate expired")[0]
    with_strangers = index().search("certificate expired zebra trampoline")[0]
    assert with_strangers.page == known.page
    assert with_strangers.score < known.score


def test_one_word_of_several_is_hardly_a_match() -> None:
    alone = index().search("memory")[0].score
    assert index().search("memory zebra")[0].score < 0.6 * alone


def test_nothing_known_finds_nothing() -> None:
    assert index().search("zebra trampoline") == []
    assert index().search("") == []
    assert Index([], Vocabulary()).search("memory") == []


def test_a_word_of_nearly_every_page_decides_nothing() -> None:
    many = index({str(i): f"# Page {i}\ncluster thing{i}" for i in range(40)})
    assert many.search("cluster") == []


def test_the_section_helps_instead_of_telling() -> None:
    match = index().search("exit code 137 OOMKilled")[0]
    assert match.section is not None
    assert match.section.heading == "First checks"
    raised = index().search("raise the memory limit")[0]
    assert raised.section is not None
    assert raised.section.heading == "Mitigations"


def test_a_query_cannot_break_the_search_syntax() -> None:
    for question in ('"quota', "quota) OR (", "NEAR(quota", "quota*", "-quota", "col:quota", "=quota"):
        assert index().search(question)[0].page.slug == "quota"


def test_a_first_sentence_stands_in_for_a_title_that_says_nothing() -> None:
    long = "\n".join(f"## Part {i}\nbackup restore replica standby disk of thing{i}" for i in range(30))
    texts = {
        "0017": "## Meaning\nThe standby no longer follows the primary.\n## Mitigation\nask the team",
        "0018": f"# Everything about storage\nAll we know.\n{long}\nthe primary is followed",
        **{f"filler-{i}": f"# Filler {i}\nnothing{i} to see" for i in range(20)},
    }
    found = index(texts).search("standby does not follow its primary")
    assert found[0].page.slug == "0017"
    assert found[0].score > 2 * found[1].score


def test_code_before_the_first_sentence_is_not_what_a_page_is_about() -> None:
    texts = {"a": "## Look\n```\nzebra\n```\nThe pump is dry.", "b": "## Look\n```\npump\n```\nThe zebra is striped."}
    assert index(texts).search("the pump is dry")[0].page.slug == "a"
    assert index(texts).search("zebra striped")[0].page.slug == "b"


def test_pages_that_an_earlier_index_has_read_are_taken_from_it_and_found_as_before() -> None:
    class Counting(Vocabulary):
        texts = 0

        def of_page(self, text: str) -> Reading:
            self.texts += 1
            return super().of_page(text)

    vocabulary, kept = Counting(), pages()
    before = Index(kept, vocabulary)
    read = vocabulary.texts
    new = read_page("# The kettle does not boil\n## First checks\nlook at the plug", "kettle")
    after = Index([*kept, new], vocabulary, earlier=before)
    assert 0 < vocabulary.texts - read < read / 2
    fresh = Index([*kept, new], Vocabulary())
    for question in ("pod was OOMKilled", "kettle", "x509 certificate expired"):
        assert after.search(question) == fresh.search(question)
