"""Datadog: monitors, changes, logs and metrics."""
