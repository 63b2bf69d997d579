"""`POST /webhooks/<source>`: authenticate, bound, parse, store, and only then accept.

202 means stored. 503 means not stored: the sender must send it again, and every alerting system does.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatops.domain.alert import Alert
from chatops.domain.ports import StoreUnavailable
from chatops.settings import WebhookSettings
from chatops.telemetry import log
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery, Source
from chatops.webhooks.sources import SOURCES

TakeAlerts = Callable[[Sequence[Alert]], Awaitable[Sequence[str]]]
"""Stores alerts and enqueues what follows; returns the incidents' ids. Raises `StoreUnavailable`."""


@dataclass(frozen=True)
class Webhooks:
    """The endpoints for alerts."""

    settings: WebhookSettings
    take: TakeAlerts
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """The routes to mount."""
        return [Route("/webhooks/{source}", self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """Take one delivery."""
        name = request.path_params["source"]
        try:
            source = SOURCES.get(name)
            if source is None:
                raise BadPayload(f"there is no webhook '{name}'; there are: {', '.join(SOURCES)}", 404)
            alerts = await self._alerts(request, source)
            incidents = await self.take(alerts) if alerts else ()
        except BadPayload as error:
            log.warning("webhook refused", source=name[:50], status=error.status, reason=str(error)[:300])
            return JSONResponse({"error": str(error)}, status_code=error.status)
        except StoreUnavailable:
            log.error("webhook not stored", source=name[:50])
            message = {"error": "not stored, the store does not answer: send it again"}
            return JSONResponse(message, status_code=503, headers={"Retry-After": "5"})
        except ClientDisconnect:
            return Response(status_code=499)
        told = to_json({"accepted": len(alerts), "incidents": list(incidents)})
        return Response(told, status_code=202, media_type="application/json")

    async def _alerts(self, request: Request, source: Source) -> tuple[Alert, ...]:
        if source.verify is None:
            self._authenticate(request)
        body = await self._body(request)
        try:
            document = payload.parsed(body)
        except (ValueError, RecursionError) as error:
            raise BadPayload("the body is not JSON") from error
        delivery = Delivery(request.headers, document, body, self.clock())
        if source.verify is not None:
            await source.verify(delivery, self.settings)
        return source.parse(delivery, self.settings)

    async def _body(self, request: Request) -> bytes:
        declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if declared not in ("application/json", "text/plain", "application/cloudevents+json"):
            raise BadPayload(f"content type '{declared[:60]}' is not taken, send application/json", 415)
        limit = self.settings.max_bytes
        too_large = BadPayload(f"larger than {limit} bytes (webhooks.max_bytes): send fewer alerts at a time", 413)
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)

    def _authenticate(self, request: Request) -> None:
        """Bearer or basic credentials where they are set; otherwise only this machine may send."""
        token, password = self.settings.token, self.settings.password
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if token and scheme.lower() == "bearer" and _same(credentials.strip(), token.get_secret_value()):
            return
        if password and scheme.lower() == "basic":
            expected = f"{self.settings.username}:{password.get_secret_value()}"
            if _same(_decoded(credentials), expected):
                return
        if token or password:
            raise BadPayload("credentials missing or wrong: send 'Authorization: Bearer <webhooks.token>'", 401)
        if not _is_loopback(request.client.host if request.client else ""):
            raise BadPayload("set webhooks.token (CHATOPS_WEBHOOKS__TOKEN) to take alerts from other machines", 401)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
