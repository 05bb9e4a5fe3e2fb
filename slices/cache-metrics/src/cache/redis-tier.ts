/**
 * Problem: a process that read the old row may store it in Redis after another process has invalidated it; and Redis may
 * be away when it is invalidated, and come back with the old value.
 * Guarantees: a value is stored only if its key was not invalidated since before it was loaded (leases, see
 * redis-scripts.ts). An invalidation that Redis did not confirm is repeated until it does. After a break in the contact
 * with Redis, this process believes nothing that was stored before, and stores nothing that was loaded before.
 * Does NOT guarantee: current values to a process that reaches Redis while the writer does not, or when the writer died
 * between its commit and the invalidation. It may serve the old value until that value's lifetime ends.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from '@lab/shared/redis';
import { z } from 'zod';
import type { Invalidations } from './invalidations.ts';
import { createRedisContact } from './redis-contact.ts';
import { clearScript, invalidateScript, lookScript, storeScript } from './redis-scripts.ts';
import type { Found, Look, SecondTier } from './second-tier.ts';
import { createUnconfirmed, everything } from './unconfirmed.ts';

export interface RedisTierDeps<Value> {
  readonly redis: Redis;
  readonly invalidations: Invalidations;
  /** Value to text that is never empty, and back. */
  readonly encode: (value: Value) => string;
  readonly decode: (text: string) => Value;
  /** Called when Redis answers with an error, such as one about its memory. */
  readonly onError: (error: unknown) => void;
}

export interface RedisTierOptions {
  /** Tells the caches of one Redis apart. Processes on one database share it, others do not. */
  readonly name: string;
  /** How long a load may take so that its value is still stored, in milliseconds (default 30,000). */
  readonly leaseMs?: number;
  /** Pause until an unconfirmed invalidation is sent again, in milliseconds (default 100). */
  readonly repeatMs?: number;
}

const lookAnswer = z.union([
  z.tuple([z.string()]),
  z.tuple([z.string(), z.string(), z.coerce.number(), z.coerce.number(), z.coerce.number()]),
]);

/** A cache in Redis, as the second tier of `createReadThrough`. */
export const createRedisTier = <Value>(
  { redis, invalidations, encode, decode, onError }: RedisTierDeps<Value>,
  { name, leaseMs = 30_000, repeatMs = 100 }: RedisTierOptions,
): SecondTier<Value> => {
  const contact = createRedisContact(redis, onError);
  const generationKey = `lab-cache:{${name}}:generation`;
  const entryKey = (key: string): string => `lab-cache:{${name}}:entry:${key}`;

  const unconfirmed = createUnconfirmed(async (what) => {
    const { channel, messageOf } = invalidations;
    const sent =
      what === everything
        ? await contact.run(clearScript, [generationKey], [channel, messageOf(name), randomUUID()])
        : await contact.run(invalidateScript, [entryKey(what)], [channel, messageOf(name, what)]);
    return sent !== undefined;
  }, repeatMs);

  const foundIn = (answer: z.output<typeof lookAnswer>): Found<Value> | undefined => {
    if (answer.length === 1) return undefined;
    const [, text, ageMs, freshMs, usableMs] = answer;
    try {
      const value = text === '' ? undefined : decode(text);
      return { value, ageMs, remaining: { freshMs: freshMs - ageMs, usableMs: usableMs - ageMs } };
    } catch (error) {
      // Written by another version of this program. It is loaded anew, and replaced.
      onError(error);
      return undefined;
    }
  };

  return {
    look: async (key): Promise<Look<Value>> => {
      if (unconfirmed.has(key)) return {};
      const believedFromMs = await contact.believedFrom();
      if (believedFromMs === undefined) return {};
      const { breaks } = contact;
      const values = [randomUUID(), String(believedFromMs), String(leaseMs)];
      const looked = await contact.run(lookScript, [generationKey, entryKey(key)], values);
      if (looked === undefined) return {};
      const answer = lookAnswer.parse(looked.answer);
      const found = foundIn(answer);
      return { lease: { version: answer[0], breaks }, ...(found && { found }) };
    },

    store: async (key, { version, breaks }, value, { freshMs, usableMs }) => {
      if (breaks !== contact.breaks) return 'unavailable';
      const text = value === undefined ? '' : encode(value);
      const values = [version, text, String(Math.ceil(freshMs)), String(Math.ceil(usableMs))];
      const stored = await contact.run(storeScript, [generationKey, entryKey(key)], values);
      if (stored === undefined) return 'unavailable';
      return stored.answer === 1 ? 'stored' : 'refused';
    },

    invalidate: (key) => unconfirmed.send(key),
    clear: () => unconfirmed.send(everything),
    listen: (onInvalidated) => invalidations.listen(name, onInvalidated),
  };
};
