/**
 * Problem: reads are slow, so they are cached, and then the cache fails in its own ways: a thousand requests load one
 * missing key at once, and a load that began before a write stores the old value after it.
 * The idea: the cache itself loads what is missing. It knows each load in progress, so that others can wait for it, and
 * so that an invalidation can disown it: its waiters get the value, the cache does not keep it.
 * Guarantees: one load per key and process, however many wait. Once `invalidate` was called, no later request gets a
 * value that was loaded before. A failed load is not kept. 0, false, '' and null are values; `undefined` says that
 * there is nothing, and is kept for a shorter time. Memory is bounded by entries and by bytes.
 * With a second tier (redis-tier.ts), a copy in memory counts for `boundMs` from when it was last known to be current. So
 * a process that misses an invalidation serves the old value no longer than that.
 * Is NOT get-then-set with a delete after the write: a load in between would put the old value back.
 * Does NOT guarantee: current values after a write that nobody reports, before the TTL; one load over all processes.
 */
import { createLru, type EvictionReason } from './lru.ts';
import type { Found, Lease, Lifetime, SecondTier } from './second-tier.ts';
import { createSingleFlight } from './single-flight.ts';

/** Reads the origin. Resolves with undefined if it has nothing under the key. */
export type Load<Value> = () => Promise<Value | undefined>;

/** `stale`: past its TTL, and being loaded anew. `miss`: loaded for this request, or for another that it waited with. */
export interface Lookup<Value> {
  readonly value: Value | undefined;
  readonly outcome: 'hit' | 'miss' | 'stale' | 'bypass';
  /** Time since the value was loaded. */
  readonly ageMs: number;
}

/** What happens in the cache. Hits and misses together are the requests; a stale answer is a hit. */
export interface CacheEvents {
  readonly onHit: () => void;
  readonly onMiss: () => void;
  readonly onEvict: (reason: EvictionReason) => void;
  /** A load has ended, with a value or an error. */
  readonly onLoad: (durationMs: number) => void;
}

export interface ReadThroughDeps<Value> {
  /** Milliseconds of a clock that never steps back, such as `performance.now`. */
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Bytes that a value takes; undefined for the absence of one. */
  readonly sizeOf: (value: Value | undefined) => number;
  readonly events: CacheEvents;
  readonly tier?: SecondTier<Value> | undefined;
}

export interface ReadThroughOptions {
  readonly ttlMs: number;
  /** How long after its TTL a value may be served while it is loaded anew. 0: never. */
  readonly staleMs: number;
  /** TTL of the absence of a value. */
  readonly negativeTtlMs: number;
  /** Share of the TTL, 0 to 1, by which it is shortened at random, so that entries do not expire together. */
  readonly jitter: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** With a second tier: how long a copy in memory counts without asking that tier again. */
  readonly boundMs: number;
  /** Longest age of a running load that a request still waits for (default 30,000). Later ones load anew. */
  readonly joinMs?: number;
}

interface Entry<Value> {
  readonly value: Value | undefined;
  readonly loadedAtMs: number;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
}

/** The end of a load, from the origin or from the second tier. */
interface Landing<Value> {
  readonly entry: Entry<Value>;
  readonly outcome: 'hit' | 'miss' | 'stale';
  /** False if the second tier knows of an invalidation since. */
  readonly isCurrent: boolean;
}

/** A cache that loads what it does not have. One instance for each kind of value. */
export const createReadThrough = <Value>(
  { nowMs, random, sizeOf, events, tier }: ReadThroughDeps<Value>,
  options: ReadThroughOptions,
) => {
  const { maxEntries, maxBytes } = options;
  const boundMs = tier === undefined ? Number.POSITIVE_INFINITY : options.boundMs;
  const flights = createSingleFlight<Landing<Value>>(
    { nowMs },
    { joinMs: Math.min(options.joinMs ?? 30_000, boundMs) },
  );
  const entries = createLru<Entry<Value>>({ maxEntries, maxBytes, onEvict: events.onEvict });

  const lifetimeOf = (value: Value | undefined): Lifetime => {
    const ttlMs = value === undefined ? options.negativeTtlMs : options.ttlMs;
    const freshMs = ttlMs * (1 - options.jitter * random());
    return { freshMs, usableMs: value === undefined ? freshMs : freshMs + options.staleMs };
  };

  const timed = async (load: Load<Value>): Promise<Value | undefined> => {
    // Not by `nowMs`, which may be coarse.
    const startedAtMs = performance.now();
    try {
      return await load();
    } finally {
      events.onLoad(performance.now() - startedAtMs);
    }
  };

  /** An entry that the second tier confirmed at `confirmedAtMs`. */
  const entryOf = ({ value, ageMs, remaining }: Found<Value>, confirmedAtMs: number): Entry<Value> => {
    const now = nowMs();
    const untilMs = confirmedAtMs + boundMs;
    return {
      value,
      loadedAtMs: now - ageMs,
      freshUntilMs: Math.min(now + remaining.freshMs, untilMs),
      usableUntilMs: Math.min(now + remaining.usableMs, untilMs),
    };
  };

  const loadAndOffer = async (
    key: string,
    load: Load<Value>,
    lease: Lease | undefined,
  ): Promise<Landing<Value>> => {
    const startedAtMs = nowMs();
    const value = await timed(load);
    const remaining = lifetimeOf(value);
    const offeredAtMs = nowMs();
    const offered =
      tier && lease !== undefined ? await tier.store(key, lease, value, remaining) : 'unavailable';
    const entry = entryOf({ value, ageMs: 0, remaining }, offered === 'stored' ? offeredAtMs : startedAtMs);
    return { entry, outcome: 'miss', isCurrent: offered !== 'refused' };
  };

  const fetchEntry = async (
    key: string,
    load: Load<Value>,
    purpose: 'answer' | 'refresh',
  ): Promise<Landing<Value>> => {
    if (tier === undefined) return loadAndOffer(key, load, undefined);
    const askedAtMs = nowMs();
    const { found, lease } = await tier.look(key);
    const isFresh = found !== undefined && found.remaining.freshMs > 0;
    if (found === undefined || (!isFresh && purpose === 'refresh')) return loadAndOffer(key, load, lease);
    return { entry: entryOf(found, askedAtMs), outcome: isFresh ? 'hit' : 'stale', isCurrent: true };
  };

  const land = (key: string, load: Load<Value>, purpose: 'answer' | 'refresh'): Promise<Landing<Value>> =>
    flights.run(key, async (isOwned) => {
      const landing = await fetchEntry(key, load, purpose);
      const { entry, isCurrent } = landing;
      if (isCurrent && isOwned()) entries.set(key, entry, sizeOf(entry.value));
      return landing;
    });

  const refresh = (key: string, load: Load<Value>): void => {
    // Whoever asked has an answer already. If the load fails, the stale value stays until its time is over.
    land(key, load, 'refresh').catch(() => undefined);
  };

  const wait = async (key: string, load: Load<Value>): Promise<Lookup<Value>> => {
    try {
      const { entry, outcome } = await land(key, load, 'answer');
      if (outcome === 'miss') events.onMiss();
      else events.onHit();
      if (outcome === 'stale') refresh(key, load);
      return { value: entry.value, outcome, ageMs: Math.max(0, nowMs() - entry.loadedAtMs) };
    } catch (error) {
      events.onMiss();
      throw error;
    }
  };

  const forget = (key: string | undefined): void => {
    flights.disown(key);
    if (key === undefined) entries.clear();
    else entries.delete(key);
  };
  tier?.listen(forget);

  return {
    /** The value under a key, loaded if it is not there. Rejects with the error of the load. */
    get: (key: string, load: Load<Value>): Promise<Lookup<Value>> => {
      const entry = entries.get(key);
      if (entry === undefined) return wait(key, load);
      const now = nowMs();
      if (now >= entry.usableUntilMs) {
        // With a second tier it has only to be confirmed: it may be as good as before.
        entries.delete(key, tier ? undefined : 'expired');
        return wait(key, load);
      }
      events.onHit();
      const isFresh = now < entry.freshUntilMs;
      if (!isFresh) refresh(key, load);
      const { value, loadedAtMs } = entry;
      return Promise.resolve({ value, outcome: isFresh ? 'hit' : 'stale', ageMs: now - loadedAtMs });
    },

    /** Loads the value for this request alone, and keeps nothing. Counts as a miss. */
    bypass: async (load: Load<Value>): Promise<Lookup<Value>> => {
      events.onMiss();
      return { value: await timed(load), outcome: 'bypass', ageMs: 0 };
    },

    /**
     * Forgets a key, and disowns the load of it that is running. To be called after the write has committed; before, a
     * load could still read the old value. Resolves when the second tier has it too, or cannot be reached.
     */
    invalidate: async (key: string): Promise<void> => {
      forget(key);
      await tier?.invalidate(key);
      // In between, this process may have read the old value from the second tier.
      if (tier) forget(key);
    },

    /** Forgets all keys, in the same way. */
    clear: async (): Promise<void> => {
      forget(undefined);
      await tier?.clear();
      if (tier) forget(undefined);
    },

    get size(): number {
      return entries.size;
    },
    get bytes(): number {
      return entries.bytes;
    },
  };
};

export type ReadThrough<Value> = ReturnType<typeof createReadThrough<Value>>;
