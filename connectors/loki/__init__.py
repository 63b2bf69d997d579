"""The Loki connector."""
