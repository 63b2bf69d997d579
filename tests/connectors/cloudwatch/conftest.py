"""Every test of this connector runs with credentials that are none."""

from tests.connectors.cloudwatch.world import credentials

__all__ = ["credentials"]
