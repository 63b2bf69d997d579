"""The prometheus connector."""
