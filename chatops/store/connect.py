"""From a URL to a Redis client: standalone, TLS, unix socket, Sentinel or Cluster."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff

Client: TypeAlias = "Redis | RedisCluster"

SECONDS = 2.0
"""How long a command may take before the store counts as unavailable."""


def connect(url: str) -> Client:
    """Return a client for the URL; nothing is sent yet. ValueError for a URL that cannot be used.

    `redis+sentinel://[:password@]host:port[,host:port…]/service[/db]` and `redis+cluster://host:port`
    (with `rediss+…` for TLS) beside what redis-py understands itself. The answers are bytes.
    """
    scheme = urlsplit(url).scheme
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 2)
    timing: dict[str, Any] = {
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "health_check_interval": 15,
        "retry": retry,
    }
    if scheme.endswith("+sentinel"):
        return _sentinel(url, timing)
    if scheme.endswith("+cluster"):
        plain = urlunsplit(urlsplit(url)._replace(scheme=scheme.removesuffix("+cluster")))
        return RedisCluster.from_url(plain, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    if scheme not in ("redis", "rediss", "unix"):
        raise ValueError(
            f"no Redis can be reached by '{scheme}://': use redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://"
        )
    if scheme != "rediss" and any(option.startswith("ssl_") for option in parse_qs(urlsplit(url).query)):
        raise ValueError(f"ssl_… options need rediss://, not {scheme}://")
    client: Redis = Redis.from_url(url, **timing)
    return client


def _sentinel(url: str, timing: dict[str, Any]) -> Redis:
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    service, _, db = parts.path.strip("/").partition("/")
    if not hosts or not service:
        raise ValueError("a Sentinel URL reads redis+sentinel://host:port,host:port/service/db")
    nodes = [(host.rpartition(":")[0] or host, int(host.rpartition(":")[2] or 26379)) for host in hosts.split(",")]
    options: dict[str, Any] = {"db": int(db or parse_qs(parts.query).get("db", ["0"])[0]), **timing}
    if user:
        options["username"] = unquote(user)
    if password:
        options["password"] = unquote(password)
    if parts.scheme.startswith("rediss"):
        options["ssl"] = True
    sentinel: Any = Sentinel(nodes, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(service, **options)
    return client


async def close(client: Client) -> None:
    """Close a client, and the Sentinels behind it, which closing the client alone leaves open."""
    pool = getattr(client, "connection_pool", None)
    for sentinel in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
        await sentinel.aclose()
    await client.aclose()
