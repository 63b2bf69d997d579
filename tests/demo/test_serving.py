import asyncio

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chatops.demo.serving import NoFreePort, address, listen, serving

APP = Starlette(routes=[Route("/", lambda request: PlainTextResponse("here"))])


async def test_it_serves_while_the_block_runs() -> None:
    async with serving(APP, listen("127.0.0.1", 0)) as url, aiohttp.ClientSession() as http, http.get(url) as answer:
        assert await answer.text() == "here"
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))


def test_a_port_that_is_taken_is_answered_with_the_next() -> None:
    first = listen("127.0.0.1", 0)
    port = first.getsockname()[1]
    second = listen("127.0.0.1", port)
    assert second.getsockname()[1] > port
    assert address(second) == f"http://127.0.0.1:{second.getsockname()[1]}"
    first.close()
    second.close()


def test_an_address_of_others_is_refused() -> None:
    with pytest.raises(NoFreePort):
        listen("192.0.2.1", 8000)
