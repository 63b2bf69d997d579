"""Logs and metrics of the app itself: which incident, how long, how often; never what was said."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import format_trace_id
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.contextvars import bound_contextvars
from structlog.stdlib import ProcessorFormatter

__all__ = ["Metrics", "bound_contextvars", "log", "set_up_logs"]

log = structlog.get_logger("chatops")


def set_up_logs(level: str = "info", *, json: bool | None = None) -> None:
    """One JSON line an event on standard error; for a terminal, readable lines instead."""
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # What is said through the standard library, by us and by libraries, has the same form.
    handler = logging.StreamHandler(sys.stderr)
    render = [ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(ProcessorFormatter(processors=render, foreign_pre_chain=processors))
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one.formatter, ProcessorFormatter)]:
        root.removeHandler(before)
    root.addHandler(handler)
    # These loggers put whole request bodies into their messages.
    for name in ("slack_bolt", "slack_sdk", "botocore", "urllib3", "kubernetes", "docket", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _with_trace(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The id of the trace that the line belongs to, so that one leads to the other."""
    context = trace.get_current_span().get_span_context()
    if context.trace_flags.sampled:
        event["trace_id"] = format_trace_id(context.trace_id)
    return event


class Metrics:
    """The app's own metrics, one instance a process; a registry of its own, so that tests can have many."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        r = self.registry
        self.facts_seconds = Histogram(
            "chatops_facts_seconds", "From acceptance to the facts card.", buckets=(0.5, 1, 2, 3, 5, 10, 30), registry=r
        )
        self.diagnosis_seconds = Histogram(
            "chatops_diagnosis_seconds",
            "From acceptance to the diagnosis.",
            buckets=(2, 5, 10, 20, 40, 80, 160),
            registry=r,
        )
        self.check_seconds = Histogram("chatops_check_seconds", "One check.", ["source", "check"], registry=r)
        self.checks = Counter("chatops_checks", "Checks by outcome.", ["source", "check", "state"], registry=r)
        self.alerts = Counter("chatops_alerts", "Alerts taken in.", ["source", "outcome"], registry=r)
        self.triages = Counter("chatops_triages", "Triages by verdict.", ["verdict", "engine"], registry=r)
        self.jobs_failed = Counter("chatops_jobs_failed", "Jobs given up after three attempts.", ["job"], registry=r)
        self.queue_depth = Gauge("chatops_queue_depth", "Jobs that are due or run.", registry=r)
        self.queue_age = Gauge("chatops_queue_age_seconds", "How long the first job in the queue waits.", registry=r)
        self.model_tokens = Counter("chatops_model_tokens", "Tokens by kind.", ["kind"], registry=r)
        self.model_usd = Counter("chatops_model_usd", "What the model cost in dollars.", registry=r)
        self.slack_throttled = Counter("chatops_slack_throttled", "429 answers of Slack.", ["method"], registry=r)
        self.feedback = Counter(
            "chatops_feedback", "What people said: it helped, a cause is confirmed or ruled out.", ["value"], registry=r
        )
        self.settings_taken = Gauge(
            "chatops_settings_taken",
            "Whether the settings in the files are usable; if 0 the old ones stay.",
            registry=r,
        )
        self.settings_taken.set(1)

    def used(self, usage: Mapping[str, float]) -> None:
        """Count what one run of the model used: tokens by kind, and dollars."""
        self.model_usd.inc(usage.get("cost_usd", 0.0))
        for kind, tokens in usage.items():
            if kind != "cost_usd":
                self.model_tokens.labels(kind).inc(tokens)
