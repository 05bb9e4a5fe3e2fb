import { createFakeClock } from '@lab/testing';
import { expect, it, test } from 'vitest';
import { createAttemptLimiter } from '../src/attempts/attempt-limiter.ts';
import { clientKeyOf } from '../src/attempts/attempts.ts';
import { NOON } from './accounts-app.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'unknown'],
])('the client of %s is %s', (ip, key) => {
  expect(clientKeyOf(ip)).toBe(key);
});

it('allows a burst, then what the refill brings, and says when', async () => {
  const { now, advance } = createFakeClock(NOON);
  const limiter = createAttemptLimiter({ now }, { capacity: 2, refillPerSecond: 0.5 });
  const taken = [await limiter.take('a'), await limiter.take('a'), await limiter.take('a')];
  expect(taken).toEqual([{ allowed: true }, { allowed: true }, { allowed: false, retryAfterMs: 2000 }]);
  await advance(1999);
  expect(await limiter.take('a')).toMatchObject({ allowed: false });
  await advance(1);
  expect(await limiter.take('a')).toEqual({ allowed: true });
  await limiter.giveBack('a');
  expect(await limiter.take('a')).toEqual({ allowed: true });
  expect(await limiter.take('b')).toEqual({ allowed: true });
});

it('remembers a bounded number of keys, the latest ones', async () => {
  const { now } = createFakeClock(NOON);
  const limiter = createAttemptLimiter({ now }, { capacity: 1, refillPerSecond: 0.001, maxKeys: 3 });
  for (const key of ['a', 'b', 'c', 'd']) await limiter.take(key);
  expect(await limiter.take('d')).toMatchObject({ allowed: false });
  expect(await limiter.take('a')).toEqual({ allowed: true });
});
