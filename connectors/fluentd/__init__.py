"""Fluentd: whether log lines still leave it."""
