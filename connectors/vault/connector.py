"""The Vault connector: is it there and unsealed? Only `sys/health` is read: it needs no token and holds no secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Subject
from connectors.http import HttpApi, open_api, shaped

_PATH = "/v1/sys/health"
_ALL_WELL = {
    "standbyok": "true",
    "perfstandbyok": "true",
    "sealedcode": "200",
    "uninitcode": "200",
    "drsecondarycode": "200",
}
"""Vault says its state by the HTTP status; asked like this it says it in the body only."""
_QUERY = f"GET {_PATH}"


class Seal(NamedTuple):
    """What one node says of itself."""

    initialized: bool
    sealed: bool
    standby: bool
    version: str
    cluster: str
    at: datetime


class Vault:
    """The client. Raises `ConnectorError`."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def seal(self) -> Seal:
        """The state of the node that answers."""
        answer = await self._api.get(_PATH, _ALL_WELL, query=_QUERY)
        return shaped(answer, _QUERY, _seal)

    async def health(self) -> Health:
        """Whether it answers."""
        return await self._api.health("vault", _PATH, "CHATOPS_CONNECTORS__VAULT__URL", _ALL_WELL)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


class VaultConnector:
    """One Vault in one environment."""

    name = "vault"

    def __init__(self, client: Vault) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The seal."""
        return (Check("seal", "Is Vault there and unsealed?", self._state),)

    def tools(self) -> Sequence[Tool]:
        """None: whatever else Vault could say may be a secret."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether it answers."""
        return [await self._client.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _state(self) -> Observation:
        found = await self._client.seal()
        wrong = "not initialized" if not found.initialized else "sealed" if found.sealed else ""
        if not wrong:
            role = "standby" if found.standby else "active"
            return Observation(searched=f"Vault {found.version} is unsealed, the node that answers is {role}: {_QUERY}")
        subject = Subject(kind="Vault", name=found.cluster or "vault")
        words = f"Vault is {wrong}: nobody can read or renew a secret"
        rows = (("initialized", str(found.initialized)), ("sealed", str(found.sealed)), ("version", found.version))
        item = Evidence(
            key="vault/seal",
            source=self.name,
            check="seal",
            title=f"Vault is {wrong}",
            summary=f"{words} (asked at {found.at:%H:%M:%S} UTC)",
            subject=subject,
            query=_QUERY,
            body=ResourceState(columns=("field", "value"), rows=rows),
        )
        finding = Finding(
            cause="DependencyUnavailable",
            subject=subject,
            statement=words,
            rests_on=(item.key,),
            confidence=0.6,
            rule="vault sealed",
            commands=(("vault", "status"),),
        )
        return Observation(evidence=(item,), findings=(finding,))


def _seal(answer: Mapping[str, Any]) -> Seal:
    return Seal(
        bool(answer["initialized"]),
        bool(answer["sealed"]),
        bool(answer.get("standby")),
        str(answer.get("version") or ""),
        str(answer.get("cluster_name") or ""),
        datetime.fromtimestamp(int(answer["server_time_utc"]), UTC),
    )


@reads(*COMMON)
def open_connector(settings: ConnectorSettings) -> VaultConnector | None:
    """The connector of these settings; None without a `url`. Options: those of `connectors.http`, without a token."""
    api = open_api(VaultConnector.name, settings)
    return VaultConnector(Vault(api)) if api else None
