"""What would Prometheus answer? Its HTTP API over the series of the world that is on.

Shapes of the answers follow https://prometheus.io/docs/prometheus/latest/querying/api/: status,
errorType, 400 for what does not parse, 422 for what cannot be executed, values as strings.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chatops.demo.prometheus import promql
from chatops.demo.prometheus.matching import MatchingError
from chatops.demo.prometheus.samples import Sampled
from chatops.demo.world import Rule, Stage

Clock = Callable[[], float]
Params = Mapping[str, str]
VERSION = "3.5.0"
MAX_POINTS = 11_000


class _Refused(Exception):
    """An answer that is an error: status code, Prometheus' error type, message."""

    def __init__(self, code: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.code, self.kind = code, kind


def application(stage: Stage, clock: Clock = time.time) -> Starlette:
    """The stand-in's ASGI application."""
    api = _Api(stage, clock)
    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/-/ready", lambda request: PlainTextResponse("Prometheus Server is Ready.\n")),
            Route("/-/healthy", lambda request: PlainTextResponse("Prometheus Server is Healthy.\n")),
            Route("/api/v1/query", _answer(api.query), methods=both),
            Route("/api/v1/query_range", _answer(api.query_range), methods=both),
            Route("/api/v1/query_exemplars", _answer(lambda params, many: []), methods=both),
            Route("/api/v1/series", _answer(api.series), methods=both),
            Route("/api/v1/labels", _answer(api.labels), methods=both),
            Route("/api/v1/label/{name}/values", _answer(api.label_values)),
            Route("/api/v1/rules", _answer(api.rules)),
            Route("/api/v1/alerts", _answer(api.alerts)),
            Route("/api/v1/targets", _answer(api.targets)),
            Route("/api/v1/metadata", _answer(api.metadata)),
            Route("/api/v1/alertmanagers", _answer(_no_alertmanagers)),
            Route("/api/v1/status/{part}", _answer(api.status)),
        ]
    )


Many = Mapping[str, Sequence[str]]


def _no_alertmanagers(_params: Params, _many: Many) -> object:
    return {"activeAlertmanagers": [], "droppedAlertmanagers": []}


def _answer(handler: Callable[[Params, Many], object]) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: its value is `data`, its refusals are Prometheus' errors."""

    async def endpoint(request: Request) -> Response:
        pairs = list(request.query_params.multi_items())
        if request.method == "POST":
            pairs += parse_qsl((await request.body()).decode(), keep_blank_values=True)
        params = {**dict(pairs), **{k: str(v) for k, v in request.path_params.items()}}
        many: dict[str, list[str]] = {}
        for key, value in pairs:
            many.setdefault(key.removesuffix("[]"), []).append(value)
        try:
            # In a thread: a wide range query takes a while, and the app shares this event loop.
            data = await asyncio.to_thread(handler, params, many)
        except _Refused as refused:
            body = {"status": "error", "errorType": refused.kind, "error": str(refused)}
            return JSONResponse(body, status_code=refused.code)
        return JSONResponse({"status": "success", "data": data})

    return endpoint


def _moment(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise _Refused(
            400, "bad_data", f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
        ) from error


_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _duration(text: str) -> float:
    if re.fullmatch(r"\d+(\.\d*)?", text):
        return float(text)
    parts = re.findall(r"(\d+)(ms|[smhdw])", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise _Refused(400, "bad_data", f'invalid parameter "step": cannot parse "{text}" to a valid duration')
    return float(sum(int(n) * _UNITS[u] for n, u in parts))


def number(value: float) -> str:
    """A sample's value as Prometheus writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.16g}"


def _stamp(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z")


class _Api:
    """The endpoints as functions of their parameters."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage = stage
        self._clock = clock

    def query(self, params: Params, _many: Many) -> object:
        """An instant query; a range selector alone answers with its samples."""
        at = _moment(params["time"], "time") if params.get("time") else self._clock()
        tree = self._tree(params)
        if type(tree).__name__ == "MatrixSelector":
            rows = self._run(lambda: promql.Evaluation(self._stage.world.series, (at, at)).ranges(tree, at))
            return {"resultType": "matrix", "result": [_matrix_row(ls, samples) for ls, samples, _, _ in rows]}
        value = self._run(lambda: promql.instant(self._stage.world.series, params["query"], at))
        if isinstance(value, list):
            rows = [{"metric": dict(labels), "value": [at, number(v)]} for labels, v in value]
            return {"resultType": "vector", "result": rows}
        if isinstance(value, str):
            return {"resultType": "string", "result": [at, value]}
        return {"resultType": "scalar", "result": [at, number(value)]}

    def query_range(self, params: Params, _many: Many) -> object:
        """A range query."""
        start, end = (_moment(params.get(name, ""), name) for name in ("start", "end"))
        step = _duration(params.get("step", ""))
        if end < start:
            raise _Refused(400, "bad_data", 'invalid parameter "end": end timestamp must not be before start time')
        if step <= 0:
            raise _Refused(400, "bad_data", 'invalid parameter "step": zero or negative query resolution step')
        if (end - start) / step > MAX_POINTS:
            raise _Refused(400, "bad_data", f"exceeded maximum resolution of {MAX_POINTS:,} points per timeseries")
        self._tree(params)
        rows = self._run(lambda: promql.over(self._stage.world.series, params["query"], start, end, step))
        return {"resultType": "matrix", "result": [_matrix_row(labels, points) for labels, points in rows]}

    def _tree(self, params: Params) -> Any:
        try:
            return promql.parse(params.get("query", ""))
        except ValueError as error:
            raise _Refused(400, "bad_data", f'invalid parameter "query": {error}') from error

    def _run(self, evaluate: Callable[[], Any]) -> Any:
        try:
            return evaluate()
        except (promql.Unsupported, MatchingError) as error:
            raise _Refused(422, "execution", f"this stand-in cannot execute it: {error}") from error

    def _matching(self, many: Many) -> list[Sampled]:
        world = self._stage.world
        selectors = [self._tree({"query": text}) for text in many.get("match", ())]
        if not selectors:
            return list(world.series)
        chosen = {id(s): s for selector in selectors for s in promql.select(world.series, selector)}
        now = self._clock()
        return [s for s in chosen.values() if s.latest(now) is not None or s.between(now - 3600, now)]

    def series(self, _params: Params, many: Many) -> object:
        """Label sets of the series that match."""
        if not many.get("match"):
            raise _Refused(400, "bad_data", "no match[] parameter provided")
        return [dict(s.labels) for s in self._matching(many)]

    def labels(self, _params: Params, many: Many) -> object:
        """Label names."""
        return sorted({name for s in self._matching(many) for name in s.labels})

    def label_values(self, params: Params, many: Many) -> object:
        """Values of one label."""
        name = params["name"]
        return sorted({s.labels[name] for s in self._matching(many) if name in s.labels})

    def rules(self, _params: Params, _many: Many) -> object:
        """Rule groups with their alerting rules and what fires of them."""
        groups: dict[str, list[Rule]] = {}
        for rule in self._stage.world.rules:
            groups.setdefault(rule.group, []).append(rule)
        return {"groups": [self._group(name, rules) for name, rules in groups.items()]}

    def _group(self, name: str, rules: Sequence[Rule]) -> dict[str, object]:
        rows = [self._rule(rule) for rule in rules]
        return {
            "name": name,
            "file": f"/etc/prometheus/rules/{name}.yml",
            "interval": 15,
            "rules": rows,
            "evaluationTime": 0.002,
            "lastEvaluation": _stamp(self._clock()),
        }

    def _rule(self, rule: Rule) -> dict[str, object]:
        alerts = self._alerts_of(rule)
        return {
            "type": "alerting",
            "name": rule.name,
            "query": rule.expr,
            "duration": rule.hold,
            "keepFiringFor": 0,
            "labels": dict(rule.labels),
            "annotations": dict(rule.annotations),
            "alerts": alerts,
            "state": "firing" if alerts else "inactive",
            "health": "ok",
            "evaluationTime": 0.0004,
            "lastEvaluation": _stamp(self._clock()),
        }

    def _alerts_of(self, rule: Rule) -> list[dict[str, object]]:
        value = self._run(lambda: promql.instant(self._stage.world.series, rule.expr, self._clock()))
        rows = value if isinstance(value, list) else []
        since = rule.firing_since if rule.firing_since is not None else self._stage.world.began
        return [
            {
                "labels": {
                    **{k: v for k, v in labels.items() if k != "__name__"},
                    "alertname": rule.name,
                    **rule.labels,
                },
                "annotations": dict(rule.annotations),
                "state": "firing",
                "activeAt": _stamp(since - rule.hold),
                "value": f"{number(v)}",
            }
            for labels, v in rows
        ]

    def alerts(self, _params: Params, _many: Many) -> object:
        """All that fires."""
        return {"alerts": [alert for rule in self._stage.world.rules for alert in self._alerts_of(rule)]}

    def targets(self, _params: Params, _many: Many) -> object:
        """Scrape targets with their health."""
        now = _stamp(self._clock() - 4)
        rows = [
            {
                "discoveredLabels": {"__address__": target.instance, "job": target.job},
                "labels": {"job": target.job, "instance": target.instance, **target.labels},
                "scrapePool": target.job,
                "scrapeUrl": f"http://{target.instance}/metrics",
                "globalUrl": f"http://{target.instance}/metrics",
                "lastError": target.error,
                "lastScrape": now,
                "lastScrapeDuration": 10.0 if target.error else 0.012,
                "health": "down" if target.error else "up",
                "scrapeInterval": "15s",
                "scrapeTimeout": "10s",
            }
            for target in self._stage.world.targets
        ]
        return {"activeTargets": rows, "droppedTargets": [], "droppedTargetCounts": {}}

    def metadata(self, params: Params, _many: Many) -> object:
        """Type of each metric, told from its name as instrumentation libraries do."""
        names = sorted({s.labels["__name__"] for s in self._stage.world.series})
        wanted = [n for n in names if n == params["metric"]] if params.get("metric") else names
        return {name: [{"type": _type(name), "help": "", "unit": ""}] for name in wanted}

    def status(self, params: Params, _many: Many) -> object:
        """Build, flags, runtime and time series database."""
        parts: dict[str, object] = {
            "buildinfo": {"version": VERSION, "revision": "demo", "branch": "HEAD", "goVersion": "go1.24"},
            "config": {"yaml": "global:\n  scrape_interval: 15s\n"},
            "flags": {"storage.tsdb.retention.time": "15d", "query.timeout": "2m", "query.max-samples": "50000000"},
            "runtimeinfo": {"startTime": _stamp(self._stage.world.began - 86400), "reloadConfigSuccess": True},
            "tsdb": {"headStats": {"numSeries": len(self._stage.world.series)}},
        }
        if params["part"] not in parts:
            raise _Refused(404, "not_found", f"no status {params['part']}")
        return parts[params["part"]]


def _type(name: str) -> str:
    if name.endswith("_bucket"):
        return "histogram"
    return "counter" if name.endswith(("_total", "_count", "_sum")) else "gauge"


def _matrix_row(labels: Mapping[str, str], points: Sequence[tuple[float, float]]) -> dict[str, object]:
    return {"metric": dict(labels), "values": [[at, number(v)] for at, v in points]}
