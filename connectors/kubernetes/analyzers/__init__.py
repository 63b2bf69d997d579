"""Analyzers by area: pure functions from a snapshot of objects to findings."""
