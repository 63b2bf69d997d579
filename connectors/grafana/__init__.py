"""The Grafana connector."""
