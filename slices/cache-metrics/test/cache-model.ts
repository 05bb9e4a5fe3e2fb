import type { EvictionReason } from '../src/cache/lru.ts';

/** The value of an origin: a number, or nothing. */
export type Value = number | undefined;

export const limits = {
  ttlMs: 1000,
  staleMs: 400,
  negativeTtlMs: 300,
  joinMs: 2000,
  maxEntries: 8,
  maxBytes: 1000,
};

/** Some values are large, so that bytes and not only entries bound the cache. */
export const sizeOf = (value: Value): number => (value === undefined ? 10 : value % 7 === 0 ? 400 : 60);

interface ModelEntry {
  readonly key: string;
  readonly value: Value;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
}

interface ModelFlight {
  readonly id: number;
  readonly startedAtMs: number;
}

/** What the cache should do, written for clarity: arrays, in the order of use, the latest last. */
export const createCacheModel = () => {
  let entries: ModelEntry[] = [];
  const flights = new Map<string, ModelFlight>();
  const counts = { hits: 0, misses: 0, evictions: { entries: 0, bytes: 0, expired: 0 } };
  let started = 0;

  const flightOf = (key: string, nowMs: number): number => {
    const running = flights.get(key);
    if (running && nowMs - running.startedAtMs <= limits.joinMs) return running.id;
    flights.set(key, { id: started, startedAtMs: nowMs });
    started += 1;
    return started - 1;
  };

  const bytes = () => entries.reduce((sum, { value }) => sum + sizeOf(value), 0);
  const evict = (reason: EvictionReason) => {
    entries.shift();
    counts.evictions[reason] += 1;
  };

  return {
    counts,
    size: () => entries.length,
    bytes,
    started: () => started,

    /** What a request gets at once, or the number of the load that it waits for. */
    get: (key: string, nowMs: number) => {
      const entry = entries.find((each) => each.key === key);
      entries = entries.filter((each) => each !== entry);
      if (entry && nowMs >= entry.usableUntilMs) counts.evictions.expired += 1;
      if (!entry || nowMs >= entry.usableUntilMs) return { waitsFor: flightOf(key, nowMs) };
      entries.push(entry);
      counts.hits += 1;
      if (nowMs < entry.freshUntilMs) return { value: entry.value, outcome: 'hit' as const };
      flightOf(key, nowMs);
      return { value: entry.value, outcome: 'stale' as const };
    },

    /** A load ends, with a value unless it fails. */
    land: (id: number, key: string, nowMs: number, landed: { readonly value: Value } | undefined) => {
      if (flights.get(key)?.id !== id) return;
      flights.delete(key);
      if (!landed) return;
      const { value } = landed;
      const freshUntilMs = nowMs + (value === undefined ? limits.negativeTtlMs : limits.ttlMs);
      const usableUntilMs = freshUntilMs + (value === undefined ? 0 : limits.staleMs);
      entries = entries.filter((each) => each.key !== key);
      entries.push({ key, value, freshUntilMs, usableUntilMs });
      while (entries.length > limits.maxEntries) evict('entries');
      while (bytes() > limits.maxBytes) evict('bytes');
    },

    invalidate: (key: string) => {
      flights.delete(key);
      entries = entries.filter((each) => each.key !== key);
    },

    clear: () => {
      flights.clear();
      entries = [];
    },
  };
};
