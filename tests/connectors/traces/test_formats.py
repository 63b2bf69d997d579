from __future__ import annotations

from typing import Any

import pytest

from connectors.traces import formats


def otlp(**span: Any) -> dict[str, Any]:
    return {"spanId": "1", "name": "op", "startTimeUnixNano": "1000000000", "endTimeUnixNano": "3000000000", **span}


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("batches", "scopeSpans"), ("resourceSpans", "scopeSpans"), ("batches", "instrumentationLibrarySpans")],
)
@pytest.mark.parametrize("wrapped", [False, True], ids=["v1", "v2"])
def test_otlp_of_every_age(outer: str, inner: str, wrapped: bool) -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]}
    body = {outer: [{"resource": resource, inner: [{"spans": [otlp(kind="SPAN_KIND_SERVER")]}]}]}
    (span,) = formats.otlp({"trace": body} if wrapped else body, "t")
    assert (span.service, span.kind, span.start, span.seconds, span.error) == ("cart", "server", 1.0, 2.0, False)


def test_what_an_exception_says_is_the_message() -> None:
    event = {"name": "exception", "attributes": [{"key": "exception.message", "value": {"stringValue": "boom"}}]}
    span = otlp(status={"code": 2}, events=[event], kind=3)
    (read,) = formats.otlp({"batches": [{"resource": {}, "scopeSpans": [{"spans": [span]}]}]}, "t")
    assert (read.service, read.error, read.message, read.kind) == ("unknown", True, "boom", "client")


def test_an_answer_of_500_is_an_error_and_one_of_404_is_none() -> None:
    def served(status: int) -> Any:
        tags = [{"key": "http.status_code", "value": status}, {"key": "span.kind", "value": "server"}]
        span = {"traceID": "t", "spanID": "1", "operationName": "op", "processID": "p", "startTime": 1, "duration": 1}
        return formats.jaeger([{"spans": [{**span, "tags": tags}], "processes": {"p": {"serviceName": "web"}}}])[0][0]

    assert (served(503).error, served(503).message, served(404).error) == (True, "HTTP 503", False)


def test_a_follower_is_no_child() -> None:
    span = {"traceID": "t", "spanID": "2", "operationName": "op", "processID": "p", "startTime": 1, "duration": 1,
            "references": [{"refType": "FOLLOWS_FROM", "traceID": "t", "spanID": "1"}]}  # fmt: skip
    ((read,),) = formats.jaeger([{"spans": [span], "processes": {"p": {"serviceName": "web"}}}])
    assert read.parent == ""


def test_a_zipkin_span_without_times_counts_as_nothing() -> None:
    ((read,),) = formats.zipkin([[{"traceId": "t", "id": "1"}]])
    assert (read.start, read.seconds, read.service, read.error) == (0.0, 0.0, "unknown", False)
