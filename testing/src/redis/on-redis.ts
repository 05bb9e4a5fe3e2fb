import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { describeMissing } from '../processes/describe-missing.ts';
import { accepts, hasRedisServer } from './redis-server.ts';

export interface TestRedis {
  readonly url: string;
  /** A prefix for keys and channels that no other test uses. */
  readonly newPrefix: () => string;
}

const url = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

const reachable = (): Promise<boolean> => {
  const { hostname, port } = new URL(url);
  return accepts(hostname, Number(port || 6379));
};

/** Runs a suite on the Redis of `TEST_REDIS_URL` (default 127.0.0.1:6379). Await it at the top of the test file. */
export const onRedis = async (suite: (redis: TestRedis) => void): Promise<void> => {
  if (await reachable()) describe('on Redis', () => suite({ url, newPrefix: () => `test:${randomUUID()}:` }));
  else describeMissing('on Redis', `there is no Redis at ${url}; start one with: redis-server --port 6379`);
};

/** Runs a suite whose tests start Redis servers of their own (`startRedisServer`). */
export const onOwnRedis = (suite: () => void): void => {
  if (hasRedisServer()) describe('on a Redis of its own', suite);
  else describeMissing('on a Redis of its own', 'the command redis-server is not installed');
};
