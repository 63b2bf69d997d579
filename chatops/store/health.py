"""Does the Redis keep what it is given? `chatops doctor` asks it once, with what every Redis may be asked.

`INFO` is what is read, not `CONFIG GET`: managed services refuse the latter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from redis.exceptions import RedisError

from chatops.domain.ports import StoreUnavailable
from chatops.store.redis_store import RedisStore
from connectors.contract import Health

_OLDEST = (6, 2)
"""Streams that are taken over from a dead worker (XAUTOCLAIM) came with it."""
_FULL = 0.8


async def health(store: RedisStore, where: str = "") -> list[Health]:
    """Reachable, writable, durable, and what it does when memory runs out. Never raises."""
    try:
        await store.ping()
    except StoreUnavailable as error:
        detail = str(error)
        remedy = "correct user and password" if _refused(detail) else "start it, or correct the address and the port"
        return [Health("reachable", False, detail, f"{remedy} in CHATOPS_REDIS__URL")]
    facts = await _facts(store)
    name = facts.get("server_name") or "redis"
    version = facts.get(f"{name}_version") or facts.get("redis_version", "")
    lines = [_version(where or f"{name} {version}".strip(), version), await _writes(store, facts)]
    if facts:
        lines += [_persistence(facts), _eviction(facts), _memory(facts)]
    else:
        lines.append(Health("persistence", False, "INFO is refused, so it is not known", "allow +info to the user"))
    return lines


def _refused(detail: str) -> bool:
    return any(sign in detail for sign in ("WRONGPASS", "NOAUTH", "invalid username", "uthentication"))


async def _facts(store: RedisStore) -> Mapping[str, str]:
    facts: dict[str, str] = {}
    for section in ("server", "memory", "persistence", "replication"):
        try:
            facts |= {key: str(value) for key, value in (await store.client.info(section)).items()}
        except RedisError:
            continue  # an ACL that refuses it: what is missing is said as such
    return facts


def _version(where: str, version: str) -> Health:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < _OLDEST:
        return Health("reachable", False, f"{where} is too old", "use Redis 6.2 or newer, or any Valkey")
    return Health("reachable", True, where)


async def _writes(store: RedisStore, facts: Mapping[str, str]) -> Health:
    try:
        await store.put("doctor", "asks", {}, timedelta(seconds=5))
    except StoreUnavailable as error:
        replica = facts.get("role") in ("slave", "replica")
        remedy = (
            "CHATOPS_REDIS__URL names a replica: name the primary, or the Sentinels (redis+sentinel://)"
            if replica
            else f"let the user write keys that begin with '{store.prefix}:' (~{store.prefix}* +@all -@dangerous +info)"
        )
        return Health("writable", False, str(error), remedy)
    return Health("writable", True, f"keys of '{store.prefix}:' can be written")


def _persistence(facts: Mapping[str, str]) -> Health:
    if facts.get("aof_enabled") != "1":
        detail = "no append-only file: a crash of Redis loses alerts"
        return Health("persistence", False, detail, "CONFIG SET appendonly yes, and the same in its configuration file")
    failed = [name for name in ("aof_last_write_status", "aof_last_bgrewrite_status") if facts.get(name) == "err"]
    if failed:
        return Health("persistence", False, f"{failed[0]} is err", "free its disk, then look at its log")
    return Health("persistence", True, "append-only file is on")


def _eviction(facts: Mapping[str, str]) -> Health:
    policy = facts.get("maxmemory_policy", "")
    if policy == "noeviction" or not policy:
        return Health("eviction", True, f"maxmemory-policy is {policy or 'not told'}")
    # Every key of ours has a time to live, so that volatile-* removes open incidents just as allkeys-* does.
    detail = f"maxmemory-policy is {policy}: a full Redis drops incidents silently"
    return Health("eviction", False, detail, "CONFIG SET maxmemory-policy noeviction")


def _memory(facts: Mapping[str, str]) -> Health:
    used, most = int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    told = f"{used / 1e6:.0f} MB used of {f'{most / 1e6:.0f} MB' if most else 'what the machine has'}"
    if most and used > _FULL * most:
        return Health("memory", False, told, "raise maxmemory, or lower redis.ttl_days")
    return Health("memory", True, told)
