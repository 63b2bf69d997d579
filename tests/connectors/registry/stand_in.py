"""A registry that speaks the OCI distribution API with tokens, and Harbor's scan results."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from tests.connectors.http_server import HttpStandIn, Request

DIGEST = "sha256:" + "a" * 64
INDEX = {"schemaVersion": 2, "manifests": [
    {"digest": DIGEST, "platform": {"os": "linux", "architecture": "amd64"}},
    {"digest": DIGEST, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
    {"digest": DIGEST, "platform": {"os": "unknown", "architecture": "unknown"}},
]}  # fmt: skip
ONE = {"schemaVersion": 2, "config": {"digest": DIGEST}}
SCAN = {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1": {
    "scan_status": "Success", "severity": "Critical",
    "summary": {"total": 9, "fixable": 4, "summary": {"Critical": 1, "High": 8}},
}}}  # fmt: skip


class Registry(HttpStandIn):
    """`shop/cart` with the tags 1.0 (two platforms) and 1.1 (one); everything wants a token of its own server."""

    def __init__(self) -> None:
        super().__init__(self._found)
        self.realm = f"{self.url}/token"
        self.open = False

    def respond(self, request: Request) -> tuple[int, bytes, Mapping[str, str]]:
        if self.trouble:
            return super().respond(request)
        if request.path == "/token":
            self.requests.append(request)
            known = base64.b64encode(b"robot:s3").decode()
            if request.headers.get("Authorization") != f"Basic {known}":
                return 401, b"{}", {}
            return 200, json.dumps({"token": request.params["scope"], "expires_in": 300}).encode(), {}
        if request.path.startswith("/v2/") and not self.open and not self._allowed(request):
            return 401, b"{}", {"WWW-Authenticate": f'Bearer realm="{self.realm}",service="lab"'}
        return super().respond(request)

    @staticmethod
    def _allowed(request: Request) -> bool:
        scope = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return scope.startswith("repository:") and request.path.startswith(f"/v2/{scope.split(':')[1]}/")

    def _found(self, request: Request) -> Any:
        return {
            "/v2/": {},
            "/v2/shop/cart/manifests/1.0": INDEX,
            "/v2/shop/cart/manifests/1.1": ONE,
            f"/v2/shop/cart/blobs/{DIGEST}": {"os": "linux", "architecture": "arm64"},
            "/v2/shop/cart/tags/list": {"name": "shop/cart", "tags": ["0.9", "1.0", "1.1"]},
            "/api/v2.0/projects/shop/repositories/cart/artifacts/1.0": SCAN,
        }.get(request.path)
