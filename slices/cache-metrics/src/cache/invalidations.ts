import { randomUUID } from 'node:crypto';
import type { Redis } from '@lab/shared/redis';
import { z } from 'zod';
import type { OnInvalidated } from './second-tier.ts';

/** How processes tell each other what they have invalidated: Redis's pub/sub. A lost message is lost. */
export interface Invalidations extends AsyncDisposable {
  readonly channel: string;
  /** The message that a key of a cache, or without a key all of it, is invalidated. */
  readonly messageOf: (cache: string, key?: string) => string;
  /** Calls back for the messages of other processes. */
  readonly listen: (cache: string, onInvalidated: OnInvalidated) => void;
}

const messageSchema = z.tuple([z.string(), z.string(), z.string().optional()]);

const parse = (text: string) => {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** Subscribes to a channel, on a connection of its own that reconnects by itself. */
export const openInvalidations = (
  { client }: Pick<Redis, 'client'>,
  { channel, onError }: { readonly channel: string; readonly onError: (error: unknown) => void },
): Invalidations => {
  const origin = randomUUID();
  const listeners = new Map<string, OnInvalidated>();
  const subscriber = client.duplicate();

  const onMessage = (text: string): void => {
    const [from, cache = '', key] = parse(text) ?? [];
    // This process has forgotten its own ones already, and may hold newer values.
    if (from !== origin) listeners.get(cache)?.(key);
  };

  // The user of the other connection hears of a lost Redis as well.
  subscriber.on('error', () => undefined);
  subscriber.on('ready', () => {
    // Subscribing again does nothing.
    subscriber.subscribe(channel, onMessage).catch((error: unknown) => {
      if (subscriber.isReady) onError(error);
    });
  });
  subscriber.connect().catch(() => undefined);

  return {
    channel,
    messageOf: (cache, key) => JSON.stringify(key === undefined ? [origin, cache] : [origin, cache, key]),
    listen: (cache, onInvalidated) => void listeners.set(cache, onInvalidated),
    [Symbol.asyncDispose]: async () => subscriber.destroy(),
  };
};
