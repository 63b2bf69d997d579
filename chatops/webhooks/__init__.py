"""Alerts from outside: payloads become alerts, alerts become incidents."""
