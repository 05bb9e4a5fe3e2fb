import { createLogger, createMetrics } from '@lab/shared/observability';
import { onOwnRedis, onRedis, openTcpRelay, startRedisServer } from '@lab/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import {
  openRedis,
  type RedisOptions,
  RedisUnavailableError,
  redisSettings,
  startRedis,
} from '../src/redis/index.ts';

const open = (url: string, options: Partial<RedisOptions> = {}) => {
  const redis = openRedis(url, { timeoutMs: 150, ...options });
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return redis;
};

const ready = (redis: ReturnType<typeof open>) => vi.waitFor(() => expect(redis.isReady).toBe(true), 10_000);

await onRedis(({ url, newPrefix }) => {
  it('answers, and passes on the errors of Redis as they are', async () => {
    const redis = open(url, { timeoutMs: 5000 });
    await ready(redis);
    const key = newPrefix();
    await redis.run((client) => client.set(key, '1', { PX: 60_000 }));
    expect(await redis.run((client) => client.incr(key))).toBe(2);
    const wrongType = redis.run((client) => client.lPush(key, 'x'));
    await expect(wrongType).rejects.toThrow(/WRONGTYPE/);
    await expect(wrongType).rejects.not.toBeInstanceOf(RedisUnavailableError);
  });

  it('ends the wait for a frozen Redis, and reconnects once it answers again', async () => {
    const relay = await openTcpRelay(url);
    const onLost = vi.fn();
    const redis = open(relay.url, { onLost });
    await ready(redis);
    relay.freeze();
    await expect(redis.run((client) => client.get('any'))).rejects.toBeInstanceOf(RedisUnavailableError);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(1), 10_000);
    relay.cut();
    relay.restore();
    await vi.waitFor(async () => expect(await redis.run((client) => client.ping())).toBe('PONG'), 10_000);
  });

  it('refuses commands beyond 10,000 that wait', async () => {
    const relay = await openTcpRelay(url);
    const redis = open(relay.url, { timeoutMs: 2000 });
    await ready(redis);
    relay.freeze();
    const ask = () => redis.run((client) => client.get('any')).catch((error: Error) => error.message);
    const waiting = Array.from({ length: 10_000 }, ask);
    expect(await ask()).toBe('too many commands wait for Redis');
    relay.cut();
    await Promise.all(waiting);
  });
});

onOwnRedis(() => {
  it('rejects at once while Redis is gone, and works again when it is back, without a restart', async () => {
    const server = await startRedisServer();
    const redis = open(server.url);
    await ready(redis);
    await server.kill();
    await vi.waitFor(() => expect(redis.isReady).toBe(false), 10_000);
    await expect(redis.run((client) => client.ping())).rejects.toThrow('there is no connection to Redis');
    await server.start();
    await ready(redis);
    expect(await redis.run((client) => client.ping())).toBe('PONG');
  });
});

describe('the Redis of a starting server', () => {
  const serverWith = (settings: { REDIS_URL?: string; REDIS_TIMEOUT_MS: number }) => {
    const resources = new AsyncDisposableStack();
    onTestFinished(() => resources.disposeAsync());
    const logger = createLogger({ service: 'test', level: 'silent', environment: 'test' });
    return { settings, logger, registry: createMetrics(), resources, details: {} };
  };

  it('is there only with a URL', () => {
    expect(startRedis(serverWith({ REDIS_TIMEOUT_MS: 100 }))).toBeUndefined();
  });

  it('reports in a metric that there is no connection, and does not keep the server from starting', async () => {
    const server = serverWith({ REDIS_URL: 'redis://127.0.0.1:1', REDIS_TIMEOUT_MS: 100 });
    const redis = startRedis(server);
    await expect(redis?.run((client) => client.ping())).rejects.toBeInstanceOf(RedisUnavailableError);
    expect(await server.registry.metrics()).toContain('redis_ready 0');
  });

  it.each(['', 'localhost:6379', 'http://localhost', 'redis://'])('refuses the URL "%s"', (REDIS_URL) => {
    const { success } = z.object(redisSettings()).safeParse({ REDIS_URL });
    expect(success).toBe(false);
  });
});
