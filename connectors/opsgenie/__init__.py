"""Opsgenie: what else is open."""
