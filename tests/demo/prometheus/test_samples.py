from concurrent.futures import ThreadPoolExecutor

from chatops.demo.prometheus.samples import BLOCK, SCRAPE, Sampled, sampled
from chatops.demo.shapes import Shift, counter, gauge

NOW = 1_700_000_100.0


def plain(series: Sampled, start: float, end: float) -> list[tuple[float, float]]:
    """The same without keeping anything: a look at every tick."""
    fresh = Sampled(series.labels, series.shape)
    ticks = range(int(start // SCRAPE) + 1, int(end // SCRAPE) + 1)
    return [p for tick in ticks for p in fresh.between(tick * SCRAPE - 1, tick * SCRAPE)]


def test_a_window_is_left_open_and_right_closed_and_crosses_blocks() -> None:
    series = sampled("up", gauge(1, noise=0))
    found = series.between(NOW - 3 * BLOCK * SCRAPE, NOW)
    assert found == plain(series, NOW - 3 * BLOCK * SCRAPE, NOW)
    tick = NOW // SCRAPE * SCRAPE
    assert [at for at, _ in series.between(tick - SCRAPE, tick)] == [tick]


def test_windows_at_the_edges_of_a_series_life() -> None:
    series = sampled("x", gauge(1, since=NOW - 100, until=NOW - 40))
    assert series.between(NOW - 500, NOW) == plain(series, NOW - 500, NOW)
    assert 3 <= len(series.between(NOW - 500, NOW)) <= 5
    assert series.between(NOW - 500, NOW - 200) == []
    assert series.latest(NOW) is None
    assert series.latest(NOW - 50) is not None


def test_a_counter_rises_until_it_is_reset() -> None:
    series = sampled("x_total", counter(2, Shift(NOW - 300, 8), since=NOW - 9000, resets=(NOW - 60,)))
    assert series.between(NOW - 20_000, NOW - 5000).rising
    assert not series.between(NOW - 300, NOW).rising


def test_several_threads_may_ask_at_once() -> None:
    series = sampled("x_total", counter(2, since=NOW - 90_000))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: series.between(NOW - 80_000, NOW), range(32)))
    assert all(answer == answers[0] for answer in answers)
