"""The investigation page."""
