"""The few steps that must be atomic, as Lua: each touches keys of one hash tag, so that it runs on a cluster too."""

from __future__ import annotations

FIRST = """
local mark = redis.call('GET', KEYS[1])
if not mark then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
return (not mark or mark == ARGV[1]) and 1 or 0
"""
"""Mark a key unless somebody else has: 1 for whoever marked it, also when asked again with the same mark."""

REPLACE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
  return 1
end
return 0
"""
"""Set a value if it is still what was read."""

CLAIM = """
local owner = redis.call('GET', KEYS[1])
if not owner or (ARGV[3] ~= '' and owner == ARGV[3]) then
  owner = ARGV[1]
end
redis.call('SET', KEYS[1], owner, 'EX', ARGV[2])
return owner
"""
"""Bind a key to an owner unless bound; an owner named stale (ARGV[3]) is replaced."""

APPEND_ONCE = """
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1
end
return 0
"""
"""Add a field that is not there yet; what is there stays."""

SPEND = """
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
if spent + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBYFLOAT', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""
"""Take from a budget that is renewed when the key expires."""

PACE = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
local gap, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local at = math.max(now - gap * (burst - 1), free)
if at - now > tonumber(ARGV[3]) then return tostring(at - now) end
redis.call('SET', KEYS[1], string.format('%.6f', at + gap), 'EX', math.ceil(at + gap * (burst + 1) - now) + 1)
return tostring(math.max(0, at - now))
"""
"""Reserve the next place in a leaky bucket (GCRA) if it is near enough (ARGV[3]); return the seconds to wait for it."""

HOLD = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
local at = math.max(free, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.6f', at), 'EX', math.ceil(at - now) + 1)
return 1
"""
"""Let nobody have a place of the bucket before so many seconds have passed (a 429's Retry-After)."""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
"""Give a lease back that is still one's own."""

TRIES = ":tries"
"""What stands after a request's id in the field that counts its attempts."""

TAKE_IN = """
local mark = redis.call('GET', KEYS[1])
if mark then return mark == ARGV[1] and 1 or 0 end
local t = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], tonumber(t[1]) + tonumber(t[2]) / 1e6 + tonumber(ARGV[5]), ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('EXPIRE', KEYS[3], ARGV[4])
return 1
"""
"""Mark a key as seen, keep what came with it, and lease it; 0 where somebody else marked it."""

OVERDUE = f"""
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6
local found = {{}}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], 0, now, 'LIMIT', 0, ARGV[2])) do
  local body = redis.call('HGET', KEYS[1], id)
  if body then
    local attempt = redis.call('HINCRBY', KEYS[1], id .. '{TRIES}', 1) + 1
    redis.call('ZADD', KEYS[2], now + tonumber(ARGV[1]) * 5 ^ (attempt - 1), id)
    found[#found + 1] = {{id, attempt, body}}
  else
    redis.call('ZREM', KEYS[2], id)
  end
end
if #found > 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return found
"""
"""Lease what nobody has any more to whoever asks, five times as long at each attempt."""
