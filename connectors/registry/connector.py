"""The registry connector: do the images of pods that do not start exist, for which machines, what do scanners say?

It waits for another source to read which images those are (`behind`), and looks only those up.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from connectors.address import COMMON
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role, Subject
from connectors.http import open_api
from connectors.registry.client import HUB, Image, Registry, Scan, Stored, parse
from connectors.together import outcomes

_SHOWN = 5


class RegistryConnector:
    """One registry in one environment. `hosts` are the names by which images call it."""

    name = "registry"

    def __init__(self, client: Registry, hosts: frozenset[str], harbor: bool = False) -> None:
        self._client = client
        self._hosts = hosts
        self._harbor = harbor

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The images that another source has read."""
        return (
            Check("images", "Do the images that pods cannot run exist, and for which platforms?",
                  partial(self._images, inquiry)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """Any image of the registry."""
        image = {"type": "string", "maxLength": 400, "description": "as in a pod's specification"}
        return (
            Tool("registry_image", "Whether an image exists in the registry, for which platforms, and its scan.",
                 {"type": "object", "properties": {"image": image}, "required": ["image"],
                  "additionalProperties": False},
                 self._image),
        )  # fmt: skip

    async def behind(self, inquiry: Inquiry, hosts: Sequence[str]) -> Mapping[str, Subject]:
        """Which of these are images of this registry."""
        return {host: _subject(image) for host in hosts if (image := self._own(host))}

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: nobody asks about an image by name."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether it answers."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _own(self, text: str) -> Image | None:
        image = parse(text) if "/" in text else None
        return image if image and image.host in self._hosts else None

    async def _images(self, inquiry: Inquiry) -> Observation:
        images = [image for host in inquiry.hosts if (image := self._own(host))]
        if not images:
            return Observation(searched="no pod waits for an image of this registry")
        found = await outcomes([partial(self._look, one) for one in images])
        seen = [one for one in found if not isinstance(one, ConnectorError)]
        failed = [one for one in found if isinstance(one, ConnectorError)]
        if not seen:
            raise failed[0]
        return Observation(
            evidence=tuple(item for one in seen for item in one.evidence),
            findings=tuple(item for one in seen for item in one.findings),
            partial="; ".join(one.brief for one in failed),
        )

    async def _image(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        image = self._own(str(arguments["image"]))
        if image is None:
            known = ", ".join(sorted(self._hosts))
            raise ConnectorError("rejected", str(arguments["image"]), f"not an image of {known}")
        return await self._look(image)

    async def _look(self, image: Image) -> Observation:
        try:
            stored, query = await self._client.stored(image)
        except ConnectorError as error:
            if error.kind != "not_found":
                raise
            return await self._missing(image, error.query)
        scan = await self._scanned(image)
        rows = [("platforms", ", ".join(stored.platforms) or "not said"), ("digest", stored.digest)]
        rows += [(f"{name} vulnerabilities", str(count)) for name, count in scan.counts] if scan else []
        return Observation(evidence=(_evidence(image, "exists", _said(stored, scan), query, rows),))

    async def _scanned(self, image: Image) -> Scan | None:
        if not self._harbor:
            return None
        try:
            return (await self._client.scan(image))[0]
        except ConnectorError:
            return None  # what exists is known without it; `doctor` says what may not be read

    async def _missing(self, image: Image, query: str) -> Observation:
        try:
            tags = await self._client.tags(image)
        except ConnectorError as error:
            if error.kind != "not_found":
                raise
            words = f"the registry has no repository {image.repository}, or none that these credentials may see"
            tags = []
        else:
            near = difflib.get_close_matches(image.reference, tags, _SHOWN, 0.5) or tags[-_SHOWN:]
            words = f"{image.repository} has no {image.reference}" + (f"; it has {', '.join(near)}" if near else "")
        item = _evidence(image, "does not exist", words, query, [("tag", tag) for tag in tags[-20:]])
        finding = Finding(
            cause="IncorrectImageReference",
            subject=_subject(image),
            statement=f"Image {image} does not exist: {words}",
            # Whoever uses it is at fault, and told so by who read the workload: this says why, and what there is.
            role=Role.CONTEXT,
            rests_on=(item.key,),
            confidence=0.5,
            rule="image looked up",
        )
        return Observation(evidence=(item,), findings=(finding,))


def _said(stored: Stored, scan: Scan | None) -> str:
    words = [f"built for {', '.join(stored.platforms)}" if stored.platforms else "the registry does not say for what"]
    if scan and scan.severity:
        counts = ", ".join(f"{count} {name.lower()}" for name, count in scan.counts)
        words.append(f"scan {scan.status.lower()}: worst {scan.severity} ({counts}; {scan.fixable} can be fixed)")
    return "; ".join(words)


def _subject(image: Image) -> Subject:
    return Subject(kind="Image", name=str(image))


def _evidence(image: Image, state: str, words: str, query: str, rows: Sequence[tuple[str, str]]) -> Evidence:
    return Evidence(
        key=f"registry/images/{image}",
        source=RegistryConnector.name,
        check="images",
        title=f"Image {image} {state}"[:160],
        summary=words,
        subject=_subject(image),
        query=query,
        body=ResourceState(columns=("field", "value"), rows=tuple(rows)),
        untrusted=True,
    )


@reads(*COMMON, "hosts", "harbor")
def open_connector(settings: ConnectorSettings) -> RegistryConnector | None:
    """The connector of these settings; None without a `url`.

    Options: those of `connectors.http` (`username` and `password`, or a robot's), `hosts`: the names by which images
    call the registry, by default that of the `url`, `harbor`: whether it is one, for the results of its scanner.
    """
    api = open_api(RegistryConnector.name, settings, keep=("hosts", "harbor"))
    if api is None:
        return None
    given = settings.options.get("hosts") or urlsplit(api.options.url).netloc
    hosts = [one.strip() for one in (given.split(",") if isinstance(given, str) else map(str, given))]
    named = {HUB if one in ("registry-1.docker.io", "index.docker.io") else one for one in hosts}
    harbor = str(settings.options.get("harbor") or "").lower() in ("true", "1", "yes", "on")
    return RegistryConnector(Registry(api), frozenset(named), harbor)
