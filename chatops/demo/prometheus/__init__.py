"""The demo's Prometheus: its HTTP API, and PromQL over series that are functions of the clock."""
