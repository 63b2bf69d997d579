"""How is AWS asked? The only file that touches boto3 and botocore, and it does so late.

Why one generic `call` instead of a method per operation: every operation needs the same treatment
(thread, time limit, error translation, the exact command for evidence), and the table in `access`
is what decides which operations exist for us at all: everything else is refused here.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread

from connectors.calls import IMPORTING, Caller, Throttled, innermost, late, load
from connectors.cloudwatch.access import iam_action, is_read
from connectors.cloudwatch.commands import command
from connectors.contract import ConnectorError, ErrorKind

_TOKENS = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextMarker", "Marker"),
    ("Marker", "Marker"),
)
"""Where services put the token of the next page in an answer, and what the request calls it."""
_ALWAYS = ("cloudwatch", "logs", "rds", "cloudtrail", "cloudformation", "xray")
"""Services that nearly every investigation asks: reading their models takes half a second."""


@dataclass(frozen=True)
class AwsOptions:
    """How to reach an account. Empty fields are left to boto3's own environment and profile files."""

    region: str = ""
    endpoint_url: str = ""
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    cost_explorer: bool = False
    """Whether Cost Explorer may be asked: every request of it is billed."""
    connect_timeout: float = 2.0
    timeout: float = 6.0
    """Seconds for one read; the caller's limit is one second longer, the check's two."""


@dataclass(frozen=True)
class Pages:
    """Items of several pages; `more` where pages were left unread."""

    items: tuple[Mapping[str, Any], ...]
    query: str
    more: bool = False


@dataclass
class Aws:
    """The AWS APIs of one account. Thread-safe; nothing is loaded or connected before the first call."""

    options: AwsOptions
    caller: Callable[[str], Caller]
    """Makes the caller of one service: each has its own breaker, so that one that is down does not silence the rest."""
    session: Any = None
    """A boto3 session, where one is made already; otherwise it is made late, from the options."""
    base: Any = None
    """The session before any role is assumed."""
    _callers: dict[str, Caller] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def load(self) -> None:
        """Import the SDK and read the models of the services that every investigation asks; AWS is not asked."""
        await load("boto3", "botocore.config")
        await anyio.to_thread.run_sync(self._warm)

    def _warm(self) -> None:
        from botocore.exceptions import BotoCoreError

        # With credentials that are none: looking for real ones may ask the instance's metadata service.
        none = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        # What is wrong with the settings, the first call tells.
        with self._lock, contextlib.suppress(BotoCoreError):
            for service in _ALWAYS:
                self._base().client(service, endpoint_url=self.options.endpoint_url or None, **none).close()

    async def prepare(self, services: Iterable[str]) -> None:
        """Make the clients of services, where many are asked at once after another call has gone well.

        They are made one after the other, on a busy machine in seconds: the last one's time limit must be its own.
        """
        await anyio.to_thread.run_sync(self._prepare, services)

    def _prepare(self, services: Iterable[str]) -> None:
        from botocore.exceptions import BotoCoreError

        with contextlib.suppress(BotoCoreError):  # its own call tells
            for service in services:
                self._client(service, "")

    def _base(self) -> Any:
        if self.base is None:
            self.base = _session(self.options)
        return self.base

    def query(self, service: str, operation: str, params: Mapping[str, Any], region: str = "") -> str:
        """The command that repeats a call."""
        return command(service, operation, params, region or self.options.region)

    async def call(self, service: str, operation: str, /, region: str = "", **params: Any) -> Mapping[str, Any]:
        """One call; `ConnectorError` with the exact command and the whole message when it fails."""
        query = self.query(service, operation, params, region)
        if not is_read(service, operation):
            raise ConnectorError(
                "rejected", query, f"{service} {operation} is not among the calls this connector makes"
            )

        def run() -> Mapping[str, Any]:
            client = self._client(service, region)
            method = _methods(client)[operation]
            answer: Mapping[str, Any] = getattr(client, method)(**params)
            return answer

        if service not in self._callers:
            self._callers[service] = self.caller(service)
        try:
            return await self._callers[service].thread(query, run, self.options.timeout + 1)
        except ConnectorError as error:
            raise _with_action(error, service, operation) from error

    async def pages(
        self, service: str, operation: str, key: str, /, most: int = 5, region: str = "", **params: Any
    ) -> Pages:
        """The items under `key` of `most` pages; a service that repeats its token is not followed."""
        items: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        request = dict(params)
        for _ in range(most):
            answer = await self.call(service, operation, region, **request)
            items += answer.get(key) or []
            token = _next(answer)
            if token is None or token[1] in seen:
                return Pages(tuple(items), self.query(service, operation, params, region), token is not None)
            seen.add(token[1])
            request = {**params, token[0]: token[1]}
        return Pages(tuple(items), self.query(service, operation, params, region), more=True)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _client(self, service: str, region: str) -> Any:
        # Sessions are not thread-safe while they make clients; clients are.
        with self._lock:
            key = (service, region or self.options.region)
            if key not in self._clients:
                self._clients[key] = self._new_client(service, region)
            return self._clients[key]

    def _new_client(self, service: str, region: str) -> Any:
        with IMPORTING:
            from botocore.config import Config

            if self.session is None:
                self.session = _assumed(self._base(), self.options) if self.options.role_arn else self._base()
        # Retries are the caller's: botocore's own would outlast every time limit above it.
        config = Config(
            connect_timeout=self.options.connect_timeout,
            read_timeout=self.options.timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=16,
            user_agent_extra="chatops",
        )
        extra = {"region_name": region} if region else {}
        if self.options.endpoint_url:
            extra["endpoint_url"] = self.options.endpoint_url
        client = self.session.client(service, config=config, **extra)
        client.meta.events.register("before-parse", _refuse_garbage)
        return client


def _methods(client: Any) -> dict[str, str]:
    return {operation: method for method, operation in client.meta.method_to_api_mapping.items()}


def _next(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    for given, wanted in _TOKENS:
        if answer.get(given):
            return wanted, str(answer[given])
    return None


def _session(options: AwsOptions) -> Any:
    import boto3

    return boto3.Session(profile_name=options.profile or None, region_name=options.region or None)


def _assumed(base: Any, options: AwsOptions) -> Any:
    """A session whose credentials are assumed (and renewed) from the base session's."""
    import boto3
    import botocore.session
    from botocore.credentials import RefreshableCredentials

    extra = {"ExternalId": options.external_id} if options.external_id else {}
    sts = base.client("sts", endpoint_url=options.endpoint_url or None)

    def refresh() -> dict[str, str]:
        given = sts.assume_role(RoleArn=options.role_arn, RoleSessionName="chatops", **extra)["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    session = botocore.session.get_session()
    # The models that the base session has read are not read again.
    session.register_component("data_loader", base._session.get_component("data_loader"))
    session._credentials = RefreshableCredentials.create_from_metadata(refresh(), refresh, "sts-assume-role")
    return boto3.Session(botocore_session=session, region_name=base.region_name)


_HEAD = 500
_PAGE = re.compile(rb"\s*<(!doctype\s+)?html", re.IGNORECASE)


class _Garbage(Exception):
    """An answer whose body is not what it says.

    botocore's JSON parser takes any text for an empty answer, its XML parsers raise a KeyError.
    """

    def __init__(self, said: str, status: int = 200) -> None:
        super().__init__(said)
        self.status = status


def _refuse_garbage(response_dict: Mapping[str, Any], operation_model: Any = None, **_: Any) -> None:
    status, body = response_dict.get("status_code"), response_dict.get("body")
    if operation_model is None or not isinstance(body, bytes) or not body:
        return
    protocol = str(getattr(operation_model.service_model, "resolved_protocol", ""))
    if status != 200:
        # XML parsers say only that it is no XML: what a proxy in front answered, and with which status, is lost.
        if "json" not in protocol and not body.lstrip().startswith(b"<"):
            raise _Garbage(f"HTTP {status}: {body[:200].decode('utf-8', 'replace')}", int(status or 0))
        return
    if protocol in ("query", "ec2") and f"<{operation_model.name}Response".encode() not in body[:_HEAD]:
        raise _Garbage(f"not the answer to {operation_model.name}: {body[:200]!r}")
    if protocol == "rest-xml" and _PAGE.match(body):
        raise _Garbage(f"a web page: {body[:200]!r}")
    if "json" not in protocol:
        return
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise _Garbage(f"not JSON: {body[:200]!r}") from error
    if not isinstance(parsed, dict):
        raise _Garbage(f"not a JSON object: {body[:200]!r}")


_KINDS: tuple[tuple[ErrorKind, tuple[str, ...]], ...] = (
    ("throttled", ("throttl", "toomanyrequests", "requestlimitexceeded", "limitexceeded", "slowdown", "bandwidth")),
    ("forbidden", ("accessdenied", "unauthorized", "authorizationerror", "authfailure", "optinrequired",
                   "expiredtoken", "invalidclienttokenid", "signaturedoesnotmatch", "unrecognizedclient",
                   "invalidaccesskeyid", "notauthorized", "forbidden")),
    ("not_found", ("notfound", "nosuch", "doesnotexist", "nonexistent")),
    ("timeout", ("requesttimeout",)),
    ("unreachable", ("internalfailure", "internalerror", "serviceunavailable", "internalserver", "serverexception")),
)  # fmt: skip
"""Parts of AWS error codes (lower case) and what they mean for us; everything else was rejected."""
_BAD_CREDENTIALS = re.compile(
    r"(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidAccessKeyId|AuthFailure)"
)
"""What no permission helps against."""


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    """botocore's exceptions as the connector's; what is not botocore's is raised again."""
    with IMPORTING:
        from botocore import exceptions as boto
    if isinstance(error, boto.ClientError):
        return _explained_answer(error.response, query)
    if isinstance(error, _Garbage) and error.status != 200:
        return ConnectorError(_by_status(error.status), query, str(error))
    if isinstance(error, (_Garbage, boto.ResponseStreamingError)) or type(error).__name__ == "ResponseParserError":
        return ConnectorError("garbage", query, str(error))
    if isinstance(error, (boto.ReadTimeoutError, boto.ConnectTimeoutError)):
        return ConnectorError("timeout", query, late(error.kwargs.get("error") or error))
    if isinstance(error, (boto.ParamValidationError, boto.UnknownServiceError)):
        return ConnectorError("rejected", query, str(error))
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)):
        return ConnectorError("unreachable", query, f"no AWS credentials: {error}")
    if isinstance(error, boto.BotoCoreError):
        below = error.kwargs.get("error")
        return ConnectorError("unreachable", query, innermost(below) if isinstance(below, Exception) else str(error))
    raise error


def _explained_answer(response: Mapping[str, Any], query: str) -> ConnectorError | Throttled:
    told = response.get("Error", {})
    text = f"{told.get('Code') or 'an error'}: {told.get('Message') or 'without a message'}"
    code = str(told.get("Code", "")).lower()
    meta = response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0) or 0)
    kind = next((kind for kind, parts in _KINDS if any(part in code for part in parts)), None)
    if kind is None:
        kind = _by_status(status)
    known = ConnectorError(kind, query, text)
    after = str(meta.get("HTTPHeaders", {}).get("retry-after", ""))
    if kind == "throttled":
        return Throttled(known, float(after) if after.replace(".", "", 1).isdigit() else 0.3)
    return known


def _by_status(status: int) -> ErrorKind:
    known: dict[int, ErrorKind] = {429: "throttled", 401: "forbidden", 403: "forbidden", 404: "not_found"}
    return known.get(status, "unreachable" if status >= 500 else "rejected")


def _with_action(error: ConnectorError, service: str, operation: str) -> ConnectorError:
    """A refusal that names the IAM action to grant: AWS's own messages do not always."""
    action = iam_action(service, operation)
    if error.kind != "forbidden" or f"allow {action}" in error.detail:
        return error
    if _BAD_CREDENTIALS.match(error.detail):
        return ConnectorError("forbidden", error.query, f"{error.detail} – renew or correct the credentials")
    return ConnectorError("forbidden", error.query, f"{error.detail} – allow {action}")
