"""The rules know how systems fail, and no application: the product names none of the well-known demo shops."""

from __future__ import annotations

import re
from pathlib import Path

import chatops
import connectors

SERVICES = (
    "adservice", "checkoutservice", "currencyservice", "emailservice", "paymentservice", "productcatalogservice",
    "recommendationservice", "shippingservice", "redis-cart", "loadgenerator", r"ts-[a-z0-9-]+-(?:service|mongo|mysql)",
    "tsdb-mysql", "catalogue-db", "carts-db", "user-db", "productpage",
)  # fmt: skip
APPLICATIONS = (
    "online-?boutique", "boutique", "train-?ticket", "sock-?shop", "hipster-?shop", "bookinfo", "robot-?shop",
    "astronomy-?shop", "deathstarbench",
)  # fmt: skip
IMAGES = (
    "google-samples", "microservices-demo", "codewisdom", "weaveworksdemos", "robotshop", "opentelemetry-demo",
)  # fmt: skip
NAMES = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(SERVICES + APPLICATIONS + IMAGES)})(?![a-z0-9])", re.IGNORECASE)
_OURS = ("demo",)
"""The demo is an application: a shop of our own."""


def product() -> list[Path]:
    """Every module of the product but the demo's."""
    root = Path(chatops.__file__).parent
    own = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in _OURS]
    return [*Path(connectors.__file__).parent.rglob("*.py"), *own]


def test_no_module_names_a_known_application_its_services_or_its_images() -> None:
    files = product()
    assert len(files) > 200
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if NAMES.search(line)
    ]
    assert found == []


def test_such_a_name_would_be_found() -> None:
    for line in ('if name == "currencyservice":', "ts-order-service", "image: codewisdom/ts-user", "OnlineBoutique"):
        assert NAMES.search(line)
    for line in ("a microservice", "a service", "ts-node", "the cart", "redis-cartography"):
        assert not NAMES.search(line)
