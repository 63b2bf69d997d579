"""What is reachable and permitted in the cluster, one line each, with what to do about it."""

from __future__ import annotations

import anyio

from connectors.contract import ConnectorError, Health
from connectors.kubernetes.client import KubeClient
from connectors.kubernetes.resources import BY_PLURAL, CORE, Resource

_REMEDY = "grant the chart's ClusterRole (get, list on {0}) to the account that chatops uses"


async def health(client: KubeClient) -> list[Health]:
    """Whether the API answers, and which kinds may be listed. Never raises."""
    try:
        version = await client.get("/version")
    except ConnectorError as error:
        return [
            Health("kubernetes api", False, str(error), "check KUBECONFIG, the context and the way to the API server")
        ]
    lines = [Health("kubernetes api", True, f"version {version.get('gitVersion')}")]
    results: dict[str, Health] = {}

    async def ask(row: Resource, subresource: str = "") -> None:
        name = row.plural + (f"/{subresource}" if subresource else "")
        verb = "get" if subresource else "list"
        try:
            allowed = await client.allowed(verb, row, subresource=subresource)
            detail = "may be read" if allowed else "may not be read"
        except ConnectorError as error:
            allowed, detail = False, f"not known: {error.brief}"
        results[name] = Health(f"kubernetes {name}", allowed, detail, "" if allowed else _REMEDY.format(name))

    async with anyio.create_task_group() as group:
        for row in CORE:
            group.start_soon(ask, row)
        group.start_soon(ask, BY_PLURAL["pods"], "log")
    refused = [one for one in results.values() if not one.ok]
    if not refused:
        lines.append(Health("kubernetes permissions", True, f"{len(results)} kinds may be read"))
    return lines + sorted(refused, key=lambda one: one.name)
