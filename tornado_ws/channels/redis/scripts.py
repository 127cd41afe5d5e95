"""Lua scripts for the history of a channel. Each runs on keys of one hash slot.

Keys of a channel: a hash with its position, ``epoch``, ``seq`` and ``mark``; a stream with its messages, whose ids are
``seq-0``; for some seconds, the place of each publication, which shows that it was executed.
"""

from __future__ import annotations

__all__ = ["POSITION_LIFETIME", "PUBLISH", "READ", "RENEW"]

POSITION_LIFETIME = 86400
"""Seconds after its last use until a position expires. It takes far less memory than a history."""

PUBLISH = """
local position, stream, publication = KEYS[1], KEYS[2], KEYS[3]
local seen = redis.call('GET', publication)
if seen then
  return seen
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[1]) then
  return now
end
local at = redis.call('HMGET', position, 'epoch', 'seq', 'mark')
local epoch, seq, previous = at[1], tonumber(at[2]), at[3]
if epoch then
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  if last and last[1] ~= seq .. '-0' then
    epoch = false
  end
end
local anew = not epoch
if anew then
  epoch, seq, previous = ARGV[2], 0, ''
end
seq = seq + 1
local mark = ARGV[3]
redis.call('HSET', position, 'epoch', epoch, 'seq', seq, 'mark', mark)
redis.call('EXPIRE', position, ARGV[8])
local place = epoch .. ' ' .. seq .. ' ' .. mark .. ' ' .. previous
redis.call('SET', publication, place, 'PX', 15000)
if anew then
  redis.call('DEL', stream)
end
local payload = 'k' .. place .. ' ' .. ARGV[7]
redis.call('XADD', stream, 'MAXLEN', ARGV[4], seq .. '-0', 'm', payload, 't', now)
local lifetime = tonumber(ARGV[5])
if redis.call('PTTL', stream) < lifetime then
  redis.call('PEXPIRE', stream, lifetime)
end
redis.call(ARGV[6], KEYS[4] or ARGV[9], payload)
return place
"""
"""Script that numbers, keeps and publishes a message, once for each id.

It returns epoch, seq, mark and the mark before, in one text; or the time of the server, if it came too late.
"""

READ = """
local position, stream = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = redis.call('HMGET', position, 'epoch', 'seq', 'mark')
if not at[1] then
  at = {ARGV[1], '0', ''}
  redis.call('HSET', position, 'epoch', at[1], 'seq', 0, 'mark', '')
  redis.call('DEL', stream)
end
redis.call('EXPIRE', position, ARGV[3])
local entries = {}
if tonumber(ARGV[2]) >= 0 then
  for _, entry in ipairs(redis.call('XRANGE', stream, ARGV[2] .. '-0', '+')) do
    entries[#entries + 1] = entry[2][2]
    entries[#entries + 1] = now - entry[2][4]
  end
end
return {at[1], at[2], at[3], entries}
"""
"""Script that returns epoch, seq and mark, and the kept messages from a number on: payload and age in milliseconds.

It begins an epoch if there is none. A negative number reads no messages.
"""

RENEW = """
local position, stream = KEYS[1], KEYS[2]
local at = redis.call('HMGET', position, 'epoch', 'seq', 'mark')
if at[1] and ARGV[1] ~= '' and at[1] ~= ARGV[1] then
  return at
end
redis.call('HSET', position, 'epoch', ARGV[2], 'seq', 0, 'mark', '')
redis.call('EXPIRE', position, ARGV[3])
redis.call('DEL', stream)
redis.call(ARGV[4], KEYS[3] or ARGV[5], 'e' .. ARGV[2])
return {ARGV[2], '0', ''}
"""
"""Script that begins a new epoch in place of a given one (empty: of any), and returns the position."""
