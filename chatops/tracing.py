"""Traces: one for each incident, from the alert that opened it over the job queue to its last answer.

The context travels with the incident, not with the queue's message: a job that is run again after a crash, a dead
letter that is retried, and a reply hours later all continue the same trace. Spans carry ids, names, states and
counts; never a query, a message or an error's text. Without `otlp_endpoint` the API's own no-op stands here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

_TRACER = trace.get_tracer("chatops")
_W3C = TraceContextTextMapPropagator()
_OURS = ("chatops", "anthropic")
"""Instrumentation scopes that are exported. The job library's spans are traces of their own, one for each job."""

Attribute = str | int | float | bool


class NoExporter(Exception):
    """Traces are asked for and the packages that send them are not installed."""


@contextlib.contextmanager
def span(name: str, parent: str = "", **attributes: Attribute) -> Iterator[Span]:
    """A step, as a child of `parent` (a W3C `traceparent`) or of the step around it. Attributes get `chatops.` before.

    An exception marks the span with its type; its text may quote what people wrote, and stays out.
    """
    context = _W3C.extract({"traceparent": parent}) if parent else None
    with _TRACER.start_as_current_span(
        name,
        context=context,
        attributes={f"chatops.{key}": value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as step:
        try:
            yield step
        except BaseException as error:
            step.set_status(Status(StatusCode.ERROR, type(error).__name__))
            step.set_attribute("error.type", type(error).__name__)
            raise


def note(step: Span, **attributes: Attribute) -> None:
    """Add attributes to a step, each with `chatops.` before it."""
    step.set_attributes({f"chatops.{key}": value for key, value in attributes.items()})


def here() -> str:
    """The step that runs now, as a W3C `traceparent`; '' where nothing is traced."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


def set_up_traces(endpoint: str, share: float, role: str, version: str) -> Callable[[], None]:
    """Send spans by OTLP over HTTP to `endpoint` (…:4318); `share` (0–1) of the incidents. Returns what ends it.

    What OpenTelemetry's own variables say (headers, certificates, time limits, resource attributes) holds too.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise NoExporter(f"{error}: install chatops[otel]") from error
    resource = Resource.create(
        {"service.name": "chatops", "service.version": version, "chatops.role": role}
    )  # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(share)), resource=resource, shutdown_on_exit=False)
    address = endpoint.rstrip("/")
    exporter = OTLPSpanExporter(endpoint=address if address.endswith("/v1/traces") else f"{address}/v1/traces")
    provider.add_span_processor(_only_ours(BatchSpanProcessor(exporter)))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _only_ours(inner: SpanProcessor) -> SpanProcessor:
    """A processor that passes on the spans of our own scopes."""
    from opentelemetry.sdk.trace import SpanProcessor

    class Ours(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            scope = span.instrumentation_scope.name if span.instrumentation_scope else ""
            if scope.split(".")[0] in _OURS:
                inner.on_end(span)

        def shutdown(self) -> None:
            inner.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return inner.force_flush(timeout_millis)

    return Ours()
