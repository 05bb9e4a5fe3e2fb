/** Sends requests of 50 clients for one bucket through Redis, for 30 simulated seconds, and reports when they were let through. */
import { once } from 'node:events';
import { openRedis } from '@lab/shared/redis';
import { createRedisStore } from '../src/index.ts';
import { limitOf } from '../src/limiter/token-bucket.ts';

const [url = '', prefix = '', startMs = '0', capacity = '1', rate = '1'] = process.argv.slice(2);
const SPEED = 10;
const SIMULATED_MS = 30_000;
const CLIENTS = 50;

const redis = openRedis(url, { timeoutMs: 10_000 });
await once(redis.client, 'ready');
process.send?.('ready');
await once(process, 'message');
const now = () => Math.floor(Number(startMs) + (Date.now() - Number(startMs)) * SPEED);
const store = createRedisStore({ redis, now }, { prefix });
const limit = limitOf({ capacity: Number(capacity), refillPerSecond: Number(rate) });
const firstMs = now();
const admitted: number[] = [];
let asked = 0;
const client = async (): Promise<void> => {
  while (now() - firstMs < SIMULATED_MS) {
    const { isTaken, bucket } = await store.take({ policy: 'race', limit, key: 'one' }, 1);
    asked += 1;
    if (isTaken) admitted.push(bucket.updatedAtMs);
  }
};
await Promise.all(Array.from({ length: CLIENTS }, client));
process.send?.({ asked, admitted });
await redis[Symbol.asyncDispose]();
process.disconnect();
