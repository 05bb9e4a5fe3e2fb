/**
 * The second tier in Redis: what must happen at once is one script. A key is a hash with its value and its `version`,
 * a random token. A lease is that version: whoever stores must still find it. An invalidation deletes the hash, so leases
 * given before find no version or another one. They also find none after Redis has lost its data or evicted the key.
 * `generation` is the same for all keys of a cache: clearing the cache replaces it.
 * Times are Redis's own, so the clocks of the processes do not matter.
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

const script = (text: string): Script => ({ text, sha1: createHash('sha1').update(text).digest('hex') });

const redisNow = `local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)`;

/**
 * KEYS: generation, entry. ARGV: a new token, the time before which nothing is believed, how long a lease counts.
 * Answers the version, and if there is a value also the value, its age and its two lifetimes.
 */
export const lookScript = script(`${redisNow}
local generation = redis.call('GET', KEYS[1])
if not generation then
  generation = ARGV[1]
  redis.call('SET', KEYS[1], generation)
end
redis.call('PEXPIRE', KEYS[1], 86400000)
local entry = redis.call('HMGET', KEYS[2], 'generation', 'version', 'value', 'stored', 'fresh', 'usable')
local isOurs = entry[1] == generation
local version = isOurs and entry[2] or ARGV[1]
if not isOurs then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'generation', generation, 'version', version)
end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
if not (isOurs and entry[3]) then return { version } end
local age = now - entry[4]
if age < 0 or age >= tonumber(entry[6]) or tonumber(entry[4]) < tonumber(ARGV[2]) then return { version } end
return { version, entry[3], tostring(age), entry[5], entry[6] }`);

/** KEYS: generation, entry. ARGV: the lease, the value, its two lifetimes. Answers 1, or 0 if the lease has ended. */
export const storeScript = script(`${redisNow}
local entry = redis.call('HMGET', KEYS[2], 'generation', 'version')
if entry[2] ~= ARGV[1] or entry[1] ~= redis.call('GET', KEYS[1]) then return 0 end
redis.call('HSET', KEYS[2], 'value', ARGV[2], 'stored', now, 'fresh', ARGV[3], 'usable', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1`);

/** KEYS: entry. ARGV: channel, message. */
export const invalidateScript = script(`redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])`);

/** KEYS: generation. ARGV: channel, message, a new token. What was stored before is never found again, and expires. */
export const clearScript = script(`redis.call('SET', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[1], ARGV[2])`);
