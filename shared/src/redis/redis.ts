/**
 * Problem: the client queues commands while Redis is away, and waits without end for an answer that never comes. Requests
 * would hang with it.
 * Guarantees: `run` settles within `timeoutMs`, whatever Redis does. It rejects at once while there is no connection,
 * while an earlier command is late, so that a request that asks twice does not wait twice, and while too many commands
 * wait. The client reconnects by itself, also from a connection that has gone silent.
 * Does NOT guarantee: that a command whose wait has ended was not carried out.
 */
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { createClient } from 'redis';

/** How long a connection may be silent, although a ping is sent every second, until it counts as dead. */
const SILENCE_MS = 3000;
const PING_INTERVAL_MS = 1000;
const MAX_WAITING = 10_000;

const clientFor = (url: string) =>
  createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      // Never gives up. The random part keeps processes that lost Redis together from returning together.
      reconnectStrategy: (retries) =>
        Math.min(50 * 2 ** Math.min(retries, 5), 1000) * (0.5 + Math.random() / 2),
    },
  });

/** The client of the `redis` package, for commands inside `run` and for `duplicate()`. */
export type RedisClient = ReturnType<typeof clientFor>;

/** Redis gave no answer in time, or there is no connection to it. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

export interface Redis extends AsyncDisposable {
  readonly client: RedisClient;
  readonly isReady: boolean;
  /** Runs commands on the client. Rejects with a RedisUnavailableError, or with the error that Redis answered. */
  readonly run: <Result>(commands: (client: RedisClient) => Promise<Result>) => Promise<Result>;
}

export interface RedisOptions {
  readonly timeoutMs: number;
  /** Called once each time the connection is lost or cannot be made, and not again until it was there. */
  readonly onLost?: (error: unknown) => void;
  readonly onReady?: () => void;
}

/** Opens a connection in the background, and keeps it until it is disposed. Resolves nothing and never throws. */
export const openRedis = (url: string, { timeoutMs, onLost, onReady }: RedisOptions): Redis => {
  const client = clientFor(url);
  let isLost = false;
  let waiting = 0;
  /** Commands that Redis has not answered in time, and not since. */
  let late = 0;
  client.on('error', (error: unknown) => {
    if (!isLost) onLost?.(error);
    isLost = true;
  });
  client.on('ready', () => {
    isLost = false;
    onReady?.();
  });
  // Rejects only when the client is destroyed, since it never stops trying.
  client.connect().catch(() => undefined);

  const run: Redis['run'] = async (commands) => {
    if (!client.isReady) throw new RedisUnavailableError('there is no connection to Redis');
    if (late > 0) throw new RedisUnavailableError('Redis has not answered an earlier command');
    if (waiting >= MAX_WAITING) throw new RedisUnavailableError('too many commands wait for Redis');
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      late += 1;
      reject(new RedisUnavailableError(`Redis did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    waiting += 1;
    const answered = commands(client).finally(() => {
      waiting -= 1;
      if (isLate) late -= 1;
    });
    try {
      return await Promise.race([answered, tooLate]);
    } catch (error) {
      // A connection lost in between is no answer of Redis either.
      if (!client.isReady && !(error instanceof RedisUnavailableError))
        throw new RedisUnavailableError('the connection to Redis was lost', { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    client,
    get isReady() {
      return client.isReady;
    },
    run,
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
};

interface RedisServer {
  readonly settings: { readonly REDIS_URL?: string | undefined; readonly REDIS_TIMEOUT_MS: number };
  readonly logger: Logger;
  readonly registry: Registry;
  readonly resources: AsyncDisposableStack;
  readonly details: Record<string, string>;
}

/**
 * The connection of a starting server; undefined without a REDIS_URL. The server starts, and stays ready, without Redis:
 * each of its users says what it does then. `redis_ready` tells whether there is a connection.
 */
export const startRedis = ({
  settings,
  logger,
  registry,
  resources,
  details,
}: RedisServer): Redis | undefined => {
  if (settings.REDIS_URL === undefined) return undefined;
  const redis = openRedis(settings.REDIS_URL, {
    timeoutMs: settings.REDIS_TIMEOUT_MS,
    onLost: (error) => logger.warn({ err: error }, 'no connection to Redis'),
    onReady: () => logger.info('connected to Redis'),
  });
  resources.use(redis);
  new Gauge({
    name: 'redis_ready',
    help: 'Whether there is a connection to Redis (1) or not (0)',
    registers: [registry],
    collect() {
      this.set(redis.isReady ? 1 : 0);
    },
  });
  details.redis = 'on';
  return redis;
};
