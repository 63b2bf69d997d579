"""Which incidents can the demo fire? All of our own making; the first is the default."""

from __future__ import annotations

from chatops.demo.incidents import (
    cart_selector,
    catalog_image,
    checkout_oom,
    node_down,
    orders_database,
    quiet_alarm,
)
from chatops.demo.incidents.shop import Incident

INCIDENTS: tuple[Incident, ...] = (
    checkout_oom.INCIDENT,
    catalog_image.INCIDENT,
    orders_database.INCIDENT,
    cart_selector.INCIDENT,
    node_down.INCIDENT,
    quiet_alarm.INCIDENT,
)
BY_NAME: dict[str, Incident] = {incident.name: incident for incident in INCIDENTS}

__all__ = ["BY_NAME", "INCIDENTS", "Incident"]
