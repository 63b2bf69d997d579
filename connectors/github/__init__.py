"""GitHub: what was deployed, and which runs failed."""
