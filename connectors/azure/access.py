"""With which token is Azure asked? A given one, a client's secret, workload identity, or a machine's identity."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from connectors.address import plain
from connectors.contract import ConnectorError
from connectors.http import unreached
from connectors.tokens import Token, Tokens

AUTHORITY = "https://login.microsoftonline.com"
OPTIONS = ("tenant", "client_id", "client_secret", "federated_token_file", "authority", "imds")
"""What `Identity.read` reads."""
MANAGEMENT = "https://management.azure.com"
IMDS = "http://169.254.169.254"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_QUERY = "a token of Entra ID"
_SECONDS = 5.0


@dataclass(frozen=True)
class Identity:
    """As whom. With a tenant and a client: a secret, or the file of a federated token; else the machine's identity."""

    tenant: str = ""
    client: str = ""
    secret: str = field(default="", repr=False)
    federated_file: str = ""
    authority: str = AUTHORITY
    imds: str = IMDS
    resource: str = MANAGEMENT

    @classmethod
    def read(
        cls, options: Mapping[str, Any], environ: Mapping[str, str] = os.environ, resource: str = MANAGEMENT
    ) -> Identity:
        """From the settings, then from the variables that AKS and the SDKs use."""

        def known(option: str, variable: str, default: str = "") -> str:
            return plain(options.get(option)) or environ.get(variable, "") or default

        return cls(
            tenant=known("tenant", "AZURE_TENANT_ID"),
            client=known("client_id", "AZURE_CLIENT_ID"),
            secret=known("client_secret", "AZURE_CLIENT_SECRET"),
            federated_file=known("federated_token_file", "AZURE_FEDERATED_TOKEN_FILE"),
            authority=known("authority", "AZURE_AUTHORITY_HOST", AUTHORITY).rstrip("/"),
            imds=known("imds", "AZURE_POD_IDENTITY_AUTHORITY_HOST", IMDS).rstrip("/"),
            resource=resource.rstrip("/"),
        )


def tokens(
    options: Mapping[str, Any], environ: Mapping[str, str] = os.environ, resource: str = MANAGEMENT
) -> Tokens | None:
    """What authorises calls to a `resource`; None where a `token` is set, which goes by itself."""
    if plain(options.get("token")):
        return None
    identity = Identity.read(options, environ, resource)

    async def fetch() -> Token:
        return await _fetched(identity)

    return Tokens(fetch)


async def _fetched(identity: Identity) -> Token:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            _request(session, identity) as response,
        ):
            body = await response.json(content_type=None)
            status = response.status
    except (aiohttp.ClientError, OSError) as error:
        raise unreached(error, _QUERY) from error
    except ValueError as error:
        raise ConnectorError("garbage", _QUERY, f"{type(error).__name__}: {error}") from error
    if status != 200 or not isinstance(body, dict) or "access_token" not in body:
        said = body.get("error_description") or body.get("error") if isinstance(body, dict) else body
        raise ConnectorError("forbidden", _QUERY, f"HTTP {status}: {str(said)[:300]}")
    return Token(str(body["access_token"]), float(body.get("expires_in") or 3600))


def _request(session: aiohttp.ClientSession, identity: Identity) -> Any:
    """The request for a token, not sent yet. `OSError` where the federated token's file cannot be read."""
    if not (identity.tenant and identity.client and (identity.secret or identity.federated_file)):
        params = {"api-version": "2018-02-01", "resource": identity.resource}
        params |= {"client_id": identity.client} if identity.client else {}
        return session.get(
            f"{identity.imds}/metadata/identity/oauth2/token", params=params, headers={"Metadata": "true"}
        )
    form = {
        "grant_type": "client_credentials",
        "client_id": identity.client,
        "scope": f"{identity.resource}/.default",
    }
    if identity.secret:
        form["client_secret"] = identity.secret
    else:
        # Read every time: the kubelet renews the file long before it ends.
        form |= {"client_assertion_type": _ASSERTION, "client_assertion": Path(identity.federated_file).read_text()}
    return session.post(f"{identity.authority}/{identity.tenant}/oauth2/v2.0/token", data=form)
