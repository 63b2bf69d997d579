"""How Prometheus is asked: the only place that knows prometheus_api_client and HTTP.

The SDK gives the session with its address, authentication and TLS. Its query methods are not used, because
they throw warnings and partial results away, put a POST's query into the URL, and know no rules or alerts;
its default retries turn half a second into eight. Retrying, limiting and giving up is `connectors.calls`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from connectors.address import Options
from connectors.calls import IMPORTING, Caller, Throttled, innermost, late, load
from connectors.contract import ConnectorError, ErrorKind

MOST_BYTES = 32 * 1024 * 1024
"""An answer larger than this is refused: it would cost more memory than it can explain."""
LONGEST_LINK = 1500
"""Characters of an expression; chats cut or refuse longer addresses."""
_KINDS: dict[int, ErrorKind] = {
    400: "rejected",
    422: "rejected",
    413: "rejected",
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    429: "throttled",
    408: "timeout",
    504: "timeout",
}


class Answer(NamedTuple):
    """The `data` of an answer and what the server said beside it."""

    data: Any
    warnings: tuple[str, ...] = ()


class Prometheus:
    """Read-only calls to one Prometheus (or Thanos, Mimir, VictoriaMetrics). All raise `ConnectorError`."""

    def __init__(self, options: Options, caller: Caller | None = None) -> None:
        self.options = options
        self.calls = 0
        self._caller = caller or Caller("prometheus", explain, limit=options.parallel)
        self._sdk: Any = None
        self._get_only = False

    async def load(self) -> None:
        """Import the SDK; no server is asked."""
        await load("prometheus_api_client.prometheus_connect")

    async def query(self, expression: str, at: datetime) -> Answer:
        """The instant value of an expression."""
        params = {"query": expression, "time": f"{at.timestamp():.3f}", "timeout": self._server_timeout}
        return await self._ask("POST", "/api/v1/query", params, expression)

    async def query_range(self, expression: str, start: datetime, end: datetime, step: float) -> Answer:
        """An expression over time; `step` in seconds."""
        params = {
            "query": expression,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": f"{step:g}",
            "timeout": self._server_timeout,
        }
        return await self._ask("POST", "/api/v1/query_range", params, expression)

    async def label_values(self, label: str, start: datetime, end: datetime, match: str = "", limit: int = 0) -> Answer:
        """All values of a label; `__name__` gives the metrics."""
        params = {
            **_between(start, end),
            **({"match[]": match} if match else {}),
            **({"limit": limit} if limit else {}),
        }
        return await self._ask("GET", f"/api/v1/label/{label}/values", params, f"label {label} {match}".strip())

    async def series(self, match: str, start: datetime, end: datetime, limit: int = 500) -> Answer:
        """The label sets that match."""
        return await self._ask(
            "POST", "/api/v1/series", {"match[]": match, "limit": limit, **_between(start, end)}, match
        )

    async def rules(self) -> Answer:
        """The alerting rules with their state."""
        return await self._ask("GET", "/api/v1/rules", {"type": "alert"}, "rules")

    async def alerts(self) -> Answer:
        """The alerts that are pending or firing now."""
        return await self._ask("GET", "/api/v1/alerts", {}, "alerts")

    async def targets(self, pool: str = "") -> Answer:
        """The active scrape targets with their last error, of one scrape pool if given."""
        params = {"state": "active", **({"scrapePool": pool} if pool else {})}
        return await self._ask("GET", "/api/v1/targets", params, "targets")

    async def metadata(self, metric: str) -> Answer:
        """Type, help and unit of a metric."""
        return await self._ask("GET", "/api/v1/metadata", {"metric": metric}, f"metadata of {metric}")

    async def status(self, page: str) -> Answer:
        """`buildinfo`, `runtimeinfo` or `flags`."""
        return await self._ask("GET", f"/api/v1/status/{page}", {}, f"status {page}")

    async def ready(self) -> None:
        """Raises `ConnectorError` where the server does not say that it is ready."""
        await self._caller.thread("ready", lambda: self._fetch("GET", "/-/ready", {}), self._seconds)

    def link(self, expression: str, start: datetime | None = None, end: datetime | None = None) -> str:
        """The expression browser with this expression and range; empty where it is too long for a link."""
        if len(expression) > LONGEST_LINK:
            return ""
        shown = {"g0.expr": expression, "g0.tab": "0" if start else "1"}
        if start and end:
            shown["g0.range_input"] = f"{max(1, round((end - start).total_seconds() / 60))}m"
            shown["g0.end_input"] = end.strftime("%Y-%m-%d %H:%M:%S")
        return f"{self.options.external_url or self.options.url}/graph?{urlencode(shown)}"

    def close(self) -> None:
        """Close the connections."""
        if self._sdk is not None:
            self._sdk.close()

    @property
    def _seconds(self) -> float:
        """The call's time limit: a little more than the SDK's, so that an abandoned thread ends by itself."""
        return self.options.timeout + 1.0

    @property
    def _server_timeout(self) -> str:
        return f"{self.options.timeout:g}s"

    async def _ask(self, method: str, path: str, params: Mapping[str, Any], query: str) -> Answer:
        def call() -> Answer:
            return _unwrapped(self._fetch(method, path, params), query)

        self.calls += 1
        asked = {name: value for name, value in params.items() if name != "timeout"}
        # From a recording it comes as a list.
        return Answer._make(await self._caller.thread(query, call, self._seconds, f"{path}?{urlencode(asked)}"))

    def _fetch(self, method: str, path: str, params: Mapping[str, Any]) -> bytes:
        sdk = self._connect()
        verb = "GET" if self._get_only else method
        answer = sdk._session.request(
            verb,
            sdk.url + path,
            params=params if verb == "GET" else None,
            data=params if verb == "POST" else None,
            headers=sdk.headers,
            auth=sdk.auth,
            timeout=(min(2.0, self.options.timeout), self.options.timeout),
            stream=True,
        )
        with answer:
            body = _limited(answer)
            if answer.status_code == 405 and verb == "POST":  # proxies that let only GET pass
                self._get_only = True
                return self._fetch(method, path, params)
            if not answer.ok:
                raise _Refusal(answer.status_code, _said(body), answer.headers.get("Retry-After", ""))
            return body

    def _connect(self) -> Any:
        """The SDK, imported and made late: it costs a third of a second."""
        if self._sdk is None:
            with IMPORTING:
                from prometheus_api_client.prometheus_connect import PrometheusConnect
                from requests.adapters import HTTPAdapter
            options = self.options
            sdk: Any = PrometheusConnect(url=options.url, headers=dict(options.headers), auth=options.auth)  # type: ignore[arg-type]
            sdk._session.verify = options.verify
            # Mounted afterwards: the SDK mounts its own adapter, with its retries, on the address.
            sdk._session.mount(options.url, HTTPAdapter(max_retries=0, pool_maxsize=options.parallel))
            self._sdk = sdk
        return self._sdk


class _Refusal(Exception):
    """A status other than 2xx."""

    def __init__(self, status: int, said: str, retry_after: str) -> None:
        super().__init__(f"HTTP {status}: {said}")
        self.status = status
        self.retry_after = retry_after


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    """What an exception of the SDK's session means."""
    with IMPORTING:
        from requests import exceptions as http
    if isinstance(error, _Refusal):
        known = ConnectorError(
            _KINDS.get(error.status, "unreachable" if error.status >= 500 else "rejected"), query, str(error)
        )
        waits = error.retry_after.strip()
        return Throttled(known, float(waits)) if known.kind == "throttled" and waits.isdigit() else known
    if isinstance(error, http.Timeout):
        return ConnectorError("timeout", query, late(error))
    if isinstance(error, http.RequestException):
        return ConnectorError("unreachable", query, innermost(error))
    if isinstance(error, OSError):
        return ConnectorError("unreachable", query, f"{type(error).__name__}: {error}")
    raise error


def _unwrapped(body: bytes, query: str) -> Answer:
    try:
        answer = json.loads(body)
        status, data = answer["status"], answer.get("data")
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise ConnectorError("garbage", query, f"not an answer of Prometheus' API: {_said(body)!r}") from wrong
    if status != "success":
        raise ConnectorError("rejected", query, str(answer.get("error") or status))
    notes = [*(answer.get("warnings") or ()), *(answer.get("infos") or ())]
    if answer.get("isPartial") or (isinstance(data, dict) and data.get("isPartial")):
        notes.append("the answer is partial")
    return Answer(data, tuple(str(n) for n in notes))


def _limited(answer: Any) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Refusal(413, f"the answer is larger than {MOST_BYTES // 2**20} MB", "")
    return bytes(body)


def _said(body: bytes) -> str:
    """The error text of a body: the API's own field, or its beginning."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return " ".join(body[:300].decode("utf-8", "replace").split())


def _between(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}"}


def matrix(answer: Answer, query: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a vector or matrix answer; a scalar or a string as one row without labels."""
    try:
        kind, result = answer.data["resultType"], answer.data["result"]
        if kind in ("scalar", "string"):
            return [{"metric": {}, "value": result}]
        return [row for row in result if isinstance(row["metric"], dict)]
    except (KeyError, TypeError) as wrong:
        raise ConnectorError("garbage", query, "the answer has no result") from wrong
