"""The faulty way itself: open, hanging and cut."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.app.faults import faulty_way
from tests.slack import web_api


async def test_what_hangs_answers_when_it_goes_on_and_what_is_cut_fails() -> None:
    api = web_api.SlackApi(clock=time.time, present=True)
    async with web_api.serve(api), faulty_way(api.base_url) as way, aiohttp.ClientSession() as http:

        async def ask() -> int:
            async with http.post(f"{way.url}auth.test") as answer:
                return answer.status

        assert await ask() == 200
        way.set("hang")
        waiting = asyncio.create_task(ask())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        way.set("open")
        assert await waiting == 200
        way.set("cut")
        with pytest.raises(aiohttp.ClientError):
            await ask()
