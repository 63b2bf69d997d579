"""What the tests of optional connectors share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.http_server import HttpStandIn


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[HttpStandIn]:
    """A server that answers with the test module's own `answer`."""
    stand_in = HttpStandIn(request.module.answer)
    yield stand_in
    stand_in.close()
