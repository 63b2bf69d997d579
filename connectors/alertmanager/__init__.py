"""The Alertmanager connector."""
