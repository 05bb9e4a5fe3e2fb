import { createHash } from 'node:crypto';

/**
 * `takeTokens` in Lua for several buckets with one limit and cost, because Redis runs a script without letting any other
 * command in between. All numbers are whole and below 2^53, which Lua's doubles hold exactly.
 *
 * KEYS: the buckets, in the order in which they are decided. Each is stored as two doubles, its units and updatedAtMs: a
 * third faster than as text.
 * ARGV: capacity units, units per millisecond, window in milliseconds, cost in units, how long a key outlives its
 * bucket in milliseconds, and the time in milliseconds or '' for the clock of Redis.
 */
const source = `
local capacity, rate, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local spare, now = tonumber(ARGV[5]), tonumber(ARGV[6])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local decisions = {}
for index, key in ipairs(KEYS) do
  local units, at = capacity, now
  local stored = redis.call('GET', key)
  if stored then
    units, at = struct.unpack('<dd', stored)
    if now > at then
      units = math.min(capacity, units + math.min(now - at, window) * rate)
      at = now
    end
  end
  local taken = 0
  if units >= cost then
    units = math.min(capacity, units - cost)
    taken = 1
  end
  local fullIn = at - now + math.ceil((capacity - units) / rate)
  redis.call('SET', key, struct.pack('<dd', units, at), 'PX', math.max(1, fullIn + spare))
  decisions[index] = { taken, units, at }
end
return { now, decisions }
`;

/** The script, and the name under which Redis remembers it. */
export const bucketScript = { source, sha1: createHash('sha1').update(source).digest('hex') };
