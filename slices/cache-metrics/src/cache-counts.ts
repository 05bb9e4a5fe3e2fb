import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EvictionReason } from './cache/lru.ts';
import type { CacheEvents } from './cache/read-through.ts';

export interface Counts {
  readonly hits: number;
  readonly misses: number;
}

/** What a cache holds at the moment. */
export interface Holdings {
  readonly size: number;
  readonly bytes: number;
}

const reasons = ['entries', 'bytes', 'expired'] as const satisfies EvictionReason[];

interface Counted {
  hits: number;
  misses: number;
  readonly evictions: Record<EvictionReason, number>;
  holdings: () => Holdings;
}

/**
 * Turns what happens in caches into metrics. Counting is one addition for each event. The counters of prom-client, which
 * cost more than a hit, are brought up to date when the metrics are read.
 */
export const createCacheCounts = (registry: Registry) => {
  const caches = new Map<string, Counted>();
  const registers = [registry];
  const labelNames = ['cache'];

  const counter = (name: string, help: string, countOf: (counted: Counted) => number) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [cache, counted] of caches) this.inc({ cache }, countOf(counted));
      },
    });
  const gauge = (name: string, help: string, readingOf: (holdings: Holdings) => number) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        for (const [cache, { holdings }] of caches) this.set({ cache }, readingOf(holdings()));
      },
    });

  counter('cache_hits_total', 'Requests answered from the cache, stale answers included', ({ hits }) => hits);
  counter('cache_misses_total', 'Requests that were loaded or waited for a load', ({ misses }) => misses);
  new Counter({
    name: 'cache_evictions_total',
    help: 'Entries that left: too many (entries), too large together (bytes), past their time (expired)',
    labelNames: ['cache', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const [cache, { evictions }] of caches)
        for (const reason of reasons) this.inc({ cache, reason }, evictions[reason]);
    },
  });
  gauge('cache_entries', 'Entries in the memory of this process', ({ size }) => size);
  gauge('cache_bytes', 'Bytes of all entries in the memory of this process', ({ bytes }) => bytes);
  const loads = new Histogram({
    name: 'cache_load_duration_seconds',
    help: 'Time that a load of the origin took, failed ones included',
    labelNames,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  return {
    /** The events of a new cache, what they have counted, and a function to be given what the cache holds. */
    of: (cache: string) => {
      const counted: Counted = {
        hits: 0,
        misses: 0,
        evictions: { entries: 0, bytes: 0, expired: 0 },
        holdings: () => ({ size: 0, bytes: 0 }),
      };
      caches.set(cache, counted);
      loads.zero({ cache });
      const events: CacheEvents = {
        onHit: () => {
          counted.hits += 1;
        },
        onMiss: () => {
          counted.misses += 1;
        },
        onEvict: (reason) => {
          counted.evictions[reason] += 1;
        },
        onLoad: (durationMs) => loads.observe({ cache }, durationMs / 1000),
      };
      const counts: Counts = counted;
      const watch = (holdings: Holdings): void => {
        counted.holdings = () => holdings;
      };
      return { events, counts, watch };
    },
  };
};
