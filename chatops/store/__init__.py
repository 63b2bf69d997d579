"""Everything that must survive a process, in Redis. Every key has a time to live.

Keys of one incident share a hash tag (`chatops:{inc-…}:…`), so that they live on one shard of a cluster.
"""

from chatops.store.alert_index import AlertIndex
from chatops.store.availability import UNAVAILABLE
from chatops.store.connect import Client, close, connect
from chatops.store.inbox_book import InboxBook
from chatops.store.redis_store import RedisStore

__all__ = ["UNAVAILABLE", "AlertIndex", "Client", "InboxBook", "RedisStore", "close", "connect"]
