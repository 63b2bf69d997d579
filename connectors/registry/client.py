"""How is a registry asked? Manifests and tags by the OCI distribution API, scan results by Harbor's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors.contract import ConnectorError, Health
from connectors.http import HttpApi, shaped
from connectors.registry.access import tokens
from connectors.tokens import Tokens

_INDEXES = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_ACCEPT = {"Accept": f"{_INDEXES}, {_MANIFESTS}"}
_SCANS = {
    "X-Accept-Vulnerabilities": "application/vnd.security.vulnerability.report; version=1.1, "
    "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0"
}
_IMAGE = re.compile(
    r"(?:(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?|[A-Za-z0-9-]+:\d+|localhost)/)?"
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?"
)
HUB = "docker.io"
_TAGS = 1000


class Image(NamedTuple):
    """A reference to an image; `reference` is its digest, else its tag."""

    host: str
    repository: str
    reference: str

    def __str__(self) -> str:
        mark = "@" if ":" in self.reference else ":"
        return f"{self.host}/{self.repository}{mark}{self.reference}"


class Stored(NamedTuple):
    """What a registry has under a reference: for which platforms (`linux/amd64`), empty where it does not say."""

    platforms: tuple[str, ...]
    digest: str


class Scan(NamedTuple):
    """What Harbor's scanner found: the worst severity, how many of each, how many could be fixed."""

    status: str
    severity: str
    counts: tuple[tuple[str, int], ...]
    fixable: int


def parse(text: str) -> Image | None:
    """The reference as pods write it, with what Docker adds where it is short; None where it is none."""
    found = _IMAGE.fullmatch(text)
    if not found:
        return None
    host, repository = found["host"] or HUB, found["repository"]
    if host == HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Image(host, repository, found["digest"] or found["tag"] or "latest")


class Registry:
    """Read-only calls to one registry. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api
        self._tokens: dict[str, Tokens] = {}

    async def stored(self, image: Image) -> tuple[Stored, str]:
        """What stands under a reference; `not_found` where nothing does."""
        path = f"/v2/{image.repository}/manifests/{image.reference}"
        query = f"GET {path}"
        found = await self._get(image, path, query, _ACCEPT)
        index = shaped(found, query, lambda body: [_platform(one) for one in body.get("manifests") or ()])
        if index:
            return Stored(tuple(dict.fromkeys(filter(None, index))), str(found.get("digest") or "")), query
        digest = shaped(found, query, lambda body: str((body.get("config") or {}).get("digest") or ""))
        return Stored(await self._built_for(image, digest), digest), query

    async def tags(self, image: Image) -> list[str]:
        """The tags of a repository; `not_found` where there is no such repository."""
        path = f"/v2/{image.repository}/tags/list"
        found = await self._get(image, path, f"GET {path}", {}, {"n": _TAGS})
        return shaped(found, f"GET {path}", lambda body: [str(one) for one in body.get("tags") or ()])

    async def scan(self, image: Image) -> tuple[Scan | None, str]:
        """What Harbor's scanner says of an image; None where it was not scanned."""
        project, _, repository = image.repository.partition("/")
        # Harbor decodes the path twice: a slash in the repository's name is encoded twice.
        inner = quote(quote(repository, safe=""), safe="")
        path = f"/api/v2.0/projects/{project}/repositories/{inner}/artifacts/{quote(image.reference, safe=':')}"
        query = f"GET {path}?with_scan_overview=true"
        found = await self._api.get(path, {"with_scan_overview": "true"}, query=query, headers=_SCANS)
        return shaped(found, query, lambda body: _scan(body.get("scan_overview") or {})), query

    async def health(self) -> list[Health]:
        """Whether the registry answers, and takes what the settings give."""
        setting = "CHATOPS_CONNECTORS__REGISTRY__USERNAME and __PASSWORD"
        probe = tokens(self._api.options, "chatops")
        try:
            await probe()
        except ConnectorError as error:
            return [Health("registry", False, error.brief, f"check CHATOPS_CONNECTORS__REGISTRY__URL, {setting}")]
        return [Health("registry", True, f"{self._api.options.url} answers")]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _get(
        self, image: Image, path: str, query: str, headers: Mapping[str, str], params: Mapping[str, int] | None = None
    ) -> Any:
        signed = await self._tokens.setdefault(image.repository, tokens(self._api.options, image.repository))()
        # A registry that asks for no token takes the password, if any: then no header of ours stands over it.
        own = signed if signed["Authorization"] != "Bearer " else {}
        return await self._api.get(path, dict(params or {}), query=query, headers={**headers, **own})

    async def _built_for(self, image: Image, digest: str) -> tuple[str, ...]:
        """The platform of an image that is built for one; empty where the registry keeps that elsewhere."""
        path = f"/v2/{image.repository}/blobs/{digest}"
        try:
            config = await self._get(image, path, f"GET {path}", {})
        except ConnectorError:
            return ()  # most send to a store of blobs: what is told without the platform is still true
        return (_of(config),) if isinstance(config, dict) and config.get("architecture") else ()


def _platform(row: Mapping[str, Any]) -> str:
    """`linux/arm64`; empty for what is no image (attestations say `unknown`)."""
    found = row.get("platform") or {}
    return "" if found.get("os") in (None, "", "unknown") else _of(found)


def _of(found: Mapping[str, Any]) -> str:
    return "/".join(str(found[name]) for name in ("os", "architecture", "variant") if found.get(name))


def _scan(overview: Mapping[str, Any]) -> Scan | None:
    report = next(iter(overview.values()), None)
    if report is None:
        return None
    summary = report.get("summary") or {}
    counts = tuple((str(name), int(count)) for name, count in (summary.get("summary") or {}).items())
    return Scan(str(report["scan_status"]), str(report.get("severity") or ""), counts, int(summary.get("fixable") or 0))
