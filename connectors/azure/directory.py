"""The Entra ID connector: what was changed in the directory, and whose sign-ins fail more since the onset.

Microsoft Graph, `auditLogs/directoryAudits` and `auditLogs/signIns` (v1.0): people's sign-ins, which need a P1 licence.
Sign-ins of applications have no v1.0 address; a secret that was removed or added stands in the directory's changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from connectors import log_reading, moments, noted
from connectors.address import COMMON
from connectors.azure import access
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.http import HttpApi, open_api
from connectors.noted import Noted

GRAPH = "https://graph.microsoft.com"
_AUDITS, _SIGN_INS = "/v1.0/auditLogs/directoryAudits", "/v1.0/auditLogs/signIns"
_MANY = 500
_SHOWN = 15


class SignIn(NamedTuple):
    """A sign-in; `error` is 0 where it succeeded."""

    at: datetime
    app: str
    error: int
    why: str
    condition: str
    """What conditional access said of it: `success`, `failure`, `notApplied`."""


class EntraConnector:
    """One tenant in one environment."""

    name = "entra"

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Changes and failed sign-ins."""
        return (
            Check("directory_changes", "What was changed in the directory around the onset?",
                  partial(self._changes, inquiry)),
            Check("sign_ins", "Do more sign-ins fail since the onset, and why?", partial(self._sign_ins, inquiry)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """None: the checks read all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: people are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether both logs may be read."""
        setting = "CHATOPS_CONNECTORS__ENTRA__CLIENT_ID; the application needs AuditLog.Read.All"
        return [
            await self._api.health(f"entra {name}", path, setting, {"$top": 1})
            for name, path in (("directory changes", _AUDITS), ("sign-ins", _SIGN_INS))
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _changes(self, inquiry: Inquiry) -> Observation:
        params = _range("activityDateTime", *noted.span(inquiry))
        rows, query = await self._api.read(_AUDITS, params, lambda found: [_change(row) for row in found["value"]])
        told = noted.told(self.name, "directory_changes", rows, inquiry, query)
        cut = "the log has more entries than were read" if len(rows) >= _MANY else ""
        return told.model_copy(update={"partial": "; ".join(filter(None, (told.partial, cut)))})

    async def _sign_ins(self, inquiry: Inquiry) -> Observation:
        ranges = log_reading.ranges(inquiry)
        start, end = ranges[0][0], ranges[-1][1]
        # Where nobody says when it began, the second half is held against the first.
        middle = ranges[1][0] if len(ranges) > 1 else start + (end - start) / 2
        params = _range("createdDateTime", start, end)
        rows, query = await self._api.read(_SIGN_INS, params, lambda found: [_sign_in(row) for row in found["value"]])
        cut = "only the latest sign-ins were read" if len(rows) >= _MANY else ""
        before, after = (Counter(_reason(one) for one in rows if one.error and (one.at < middle) is early)
                         for early in (True, False))  # fmt: skip
        more = [reason for reason, count in after.most_common() if count > before[reason]]
        if not more:
            failed = sum(before.values()) + sum(after.values())
            return Observation(searched=f"{failed} of {len(rows)} sign-ins failed, not more: {query}", partial=cut)
        table = [(*reason, str(before[reason]), str(after[reason])) for reason in more[:_SHOWN]]
        item = Evidence(
            key="entra/sign_ins",
            source=self.name,
            check="sign_ins",
            title=f"More sign-ins fail since {middle:%H:%M} UTC: {sum(after[one] for one in more)} of "
            f"{sum(one.at >= middle for one in rows)}",
            summary="; ".join(f"{row[0]}: {row[2][:120]} (error {row[1]}) {row[4]} times, before {row[3]}"
                              for row in table[:4]),
            onset=min((one.at for one in rows if one.at >= middle and _reason(one) in more), default=None),
            query=query,
            body=ResourceState(columns=("application", "error", "why", "before", "after"), rows=tuple(table),
                               omitted=max(0, len(more) - _SHOWN)),
            untrusted=True,
        )  # fmt: skip
        return Observation(evidence=(item,), partial=cut)


def _range(field: str, start: datetime, end: datetime) -> dict[str, str | int]:
    return {"$filter": f"{field} ge {moments.written(start)} and {field} le {moments.written(end)}", "$top": _MANY}


def _reason(one: SignIn) -> tuple[str, str, str]:
    policy = "conditional access refused it: " if one.condition == "failure" else ""
    return one.app, str(one.error), policy + one.why


def _sign_in(row: Mapping[str, Any]) -> SignIn:
    status = row["status"]
    return SignIn(
        moments.read(row["createdDateTime"]),
        str(row.get("appDisplayName") or row.get("appId") or ""),
        int(status.get("errorCode") or 0),
        str(status.get("failureReason") or ""),
        str(row.get("conditionalAccessStatus") or ""),
    )


def _change(row: Mapping[str, Any]) -> Noted:
    by = row.get("initiatedBy") or {}
    who = (by.get("user") or {}).get("userPrincipalName") or (by.get("app") or {}).get("displayName") or ""
    targets = [f"{one.get('type') or ''} {one.get('displayName') or one.get('userPrincipalName') or ''}".strip()
               for one in row.get("targetResources") or ()]  # fmt: skip
    what = f"{row['activityDisplayName']}: {', '.join(filter(None, targets)) or 'nothing named'}"
    result = str(row.get("result") or "")
    what += f" ({result})" if result and result != "success" else ""
    return Noted(str(row["id"]), moments.read(row["activityDateTime"]), what, str(who))


@reads(*COMMON, *access.OPTIONS)
def open_connector(settings: ConnectorSettings) -> EntraConnector | None:
    """The connector of these settings; None without a `tenant` (or a `url`).

    Options: `tenant`, `client_id`, `client_secret`, or a workload's or machine's identity, or `token`; and those of
    `connectors.http` (`url` for a national cloud's Graph). The application needs `AuditLog.Read.All`.
    """
    if not settings.options.get("tenant") and not settings.options.get("url"):
        return None
    url = str(settings.options.get("url") or GRAPH)
    sign = access.tokens(settings.options, resource=url)
    api = open_api(EntraConnector.name, settings, url=GRAPH, sign=sign)
    return EntraConnector(api) if api else None
