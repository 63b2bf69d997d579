from __future__ import annotations

import pytest

from connectors.registry.client import parse


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("acme/cart:2", "docker.io/acme/cart:2"),
        ("registry.example/shop/cart:1.0", "registry.example/shop/cart:1.0"),
        ("localhost:5000/cart", "localhost:5000/cart:latest"),
        (f"r.example/a/b:1@sha256:{'0' * 64}", f"r.example/a/b@sha256:{'0' * 64}"),
        ("Not An Image", None),
        ("r.example/UPPER:1", None),
    ],
)
def test_references_as_pods_write_them(text: str, image: str | None) -> None:
    found = parse(text)
    assert (str(found) if found else None) == image
