from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.contract import ConnectorError
from connectors.evidence import Observation, Role
from connectors.registry.connector import RegistryConnector
from tests.connectors import optional as o
from tests.connectors.http_server import Trouble
from tests.connectors.registry.stand_in import Registry


@pytest.fixture
async def connector(server: Registry) -> AsyncIterator[RegistryConnector]:
    options = {"url": server.url, "username": "robot", "password": "s3", "hosts": "registry.example", "harbor": "true",
               "timeout": 2.0}  # fmt: skip
    async with o.opened("registry", options) as found:
        yield found


async def look(connector: RegistryConnector, *images: str) -> Observation:
    return await o.run(connector, "images", o.CART.model_copy(update={"hosts": images}))


async def test_an_image_of_several_platforms_and_its_scan(connector: RegistryConnector, server: Registry) -> None:
    (item,) = (await look(connector, "registry.example/shop/cart:1.0")).evidence
    assert item.title == "Image registry.example/shop/cart:1.0 exists"
    assert item.summary.startswith("built for linux/amd64, linux/arm64/v8; scan success: worst Critical (1 critical,")
    assert len(server.asked("/token")) == 1


async def test_an_image_of_one_platform_says_which(connector: RegistryConnector) -> None:
    (item,) = (await look(connector, "registry.example/shop/cart:1.1")).evidence
    assert "built for linux/arm64" in item.summary


async def test_a_tag_that_is_not_there_is_told_with_those_near_it(connector: RegistryConnector) -> None:
    found = await look(connector, "registry.example/shop/cart:1.2")
    (finding,) = found.findings
    assert (finding.cause, finding.role) == ("IncorrectImageReference", Role.CONTEXT)
    assert "shop/cart has no 1.2; it has 1." in finding.statement


async def test_a_repository_that_is_not_there(connector: RegistryConnector) -> None:
    found = await look(connector, "registry.example/shop/crat:1.0")
    assert "has no repository shop/crat" in found.findings[0].statement


async def test_only_images_of_this_registry_are_followed(connector: RegistryConnector) -> None:
    hosts = ("registry.example/shop/cart:1.0", "docker.io/busybox", "db.registry.example", "registry.example")
    behind = await connector.behind(o.CART, hosts)
    assert list(behind) == ["registry.example/shop/cart:1.0"]
    assert "no pod waits" in (await look(connector, "docker.io/busybox")).searched
    with pytest.raises(ConnectorError, match="not an image of"):
        await o.ask(connector, "registry_image", image="docker.io/busybox")
    assert (await o.ask(connector, "registry_image", image="registry.example/shop/cart:1.0")).evidence


async def test_the_password_goes_to_no_stranger(connector: RegistryConnector, server: Registry) -> None:
    server.realm = "http://elsewhere.example/token"
    with pytest.raises(ConnectorError, match="speaks no TLS"):
        await look(connector, "registry.example/shop/cart:1.0")
    (line,) = await connector.health()
    assert not line.ok


async def test_a_registry_without_tokens_is_asked_as_it_is(connector: RegistryConnector, server: Registry) -> None:
    server.open = True
    assert (await look(connector, "registry.example/shop/cart:1.0")).evidence


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [(Trouble(403, b"{}"), "forbidden"), (Trouble(200, b"<html>"), "garbage"), (Trouble(500, b"x"), "unreachable")],
)
async def test_failures_are_told(connector: RegistryConnector, server: Registry, trouble: Trouble, kind: str) -> None:
    server.trouble = trouble
    with pytest.raises(ConnectorError) as caught:
        await look(connector, "registry.example/shop/cart:1.0")
    assert caught.value.kind == kind


def test_settings() -> None:
    o.silent("registry")
