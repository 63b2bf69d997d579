"""A registry for the tests of its connector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.registry.stand_in import Registry


@pytest.fixture
def server() -> Iterator[Registry]:
    stand_in = Registry()
    yield stand_in
    stand_in.close()
