from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatops.runbook_index.terms import Term, Vocabulary, words_of


def stems(vocabulary: Vocabulary, text: str) -> list[str]:
    return [term.stem for term in vocabulary.of_question(text)]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("CrashLoopBackOff", ["crash", "loop", "back", "crashloopbackoff"]),
        ("node-disk_pressure", ["node", "disk", "pressure"]),
        ("HTTPServer", ["http", "server", "httpserver"]),
        ("PVCs", ["pvc"]),
        ("the pod is gone", ["pod", "gone"]),
    ],
)
def test_names_are_split_and_stop_words_left_out(name: str, parts: list[str]) -> None:
    assert [term.stem for term in words_of(name)] == parts


def test_joined_names_and_random_numbers_are_optional() -> None:
    assert Term("crashloop", optional=True) in set(words_of("CrashLoop"))
    assert all(term.optional for term in words_of("5d8f7c9b6"))
    assert not any(term.optional for term in words_of("s3 5xx ec2"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("container ran out of memory", "OOMKilled container ran"),
        ("5xx", "503"),
        ("slow", "latency"),
        ("persistent volume claim", "PVC"),
        ("connections timed out", "connection timeouts"),
        ("throttling", "rate limited"),
    ],
)
def test_phrases_of_one_meaning_share_a_token(one: str, other: str) -> None:
    vocabulary = Vocabulary()
    shared = {s for s in stems(vocabulary, one) if s.startswith("=")}
    assert shared
    assert shared <= set(stems(vocabulary, other))
    assert shared <= set(vocabulary.of_page(one).every)


def test_a_page_keeps_the_words_of_a_phrase() -> None:
    tokens = Vocabulary().of_page("no space left on device").every
    assert "space" in tokens
    assert "=diskfull" in tokens


def test_spoken_gives_the_questions_own_words_back() -> None:
    vocabulary = Vocabulary()
    spoken = vocabulary.spoken("Evictions because it ran out of memory")
    assert spoken[stems(vocabulary, "evictions")[0]] == "evictions"
    assert spoken["=oom"] == "out memory"


def test_several_threads_may_read() -> None:
    vocabulary = Vocabulary()
    texts = [f"word{i} failing pods number{i * 7} restarting" for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(vocabulary.of_page, texts))
    assert parallel == [Vocabulary().of_page(text) for text in texts]


def library_of(text: str) -> tuple[Vocabulary, set[str]]:
    vocabulary = Vocabulary()
    return vocabulary, set(vocabulary.of_page(text).every)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cpu throttlng", "cpu throttling"),
        ("the readinss probe", "the readiness probe"),
        ("tihs replicas", "tihs replicas"),
        ("replcias down", "replicas down"),
        ("Throttlng", "Throttlng"),
        ("app-throttlng", "app-throttlng"),
        ("replica since monday", "replica since monday"),
        ("no space left on /var/lib/docker", "no space left on  "),
        ("/var/lib/docker", "/var/lib/docker"),
        ("throttlng " + "and more " * 20, "throttlng " + "and more " * 20),
    ],
)
def test_what_is_typed_wrongly_is_meant_rightly(typed: str, meant: str) -> None:
    vocabulary, known = library_of("throttling of the readiness probe; replicas of the simple kind")
    assert vocabulary.corrected(typed, known) == meant
