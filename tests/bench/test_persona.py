"""What a model is sent keeps within the limits, with one prefix for every incident."""

from __future__ import annotations

from pathlib import Path

from tests.bench.diagnosis import answered
from tests.bench.faults import FAULTS
from tests.bench.persona import doubting, sizes, told
from tests.persona.messages_api import serving


async def test_two_turns_in_few_tokens_with_a_prefix_that_stays(tmp_path: Path) -> None:
    conversations = []
    for fault in FAULTS[:2]:
        async with serving(doubting) as api:
            await answered(fault, tmp_path, connected=("kubernetes",), base_url=api.url)
        conversations.append(api.requests)
    figures = told(conversations)
    assert figures["different prefixes"] == 1
    assert figures["turns, median / most"] == [2, 2]
    assert max(sum(sizes(asked[0])) for asked in conversations) <= 12_000
    assert all(sum(sum(sizes(request)) for request in asked) <= 25_000 for asked in conversations)
    for request in (request for asked in conversations for request in asked):
        assert "cache_control" in request["system"][-1]
        assert "cache_control" in request["messages"][-1]["content"][-1]
