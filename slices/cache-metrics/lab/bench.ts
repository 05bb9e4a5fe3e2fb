/** `node lab/bench.ts`: hits per second of this cache and of others that load what is missing, in one process, in turns. */
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { Cacheable } from 'cacheable';
import { LRUCache } from 'lru-cache';
import { createCoarseClock, createReadThrough } from '../src/index.ts';

const KEYS = 1000;
const READS = 200_000;
const ROUNDS = 9;

type Get = (key: string) => unknown;

const product = { headers: {}, bytes: Buffer.alloc(240) };
const load = async () => product;
const keys = Array.from({ length: KEYS }, (_, index) => `product:${index}`);
const ttlMs = 60_000;

const ignore = () => undefined;
const ours = createReadThrough<typeof product>(
  {
    nowMs: createCoarseClock(),
    random: Math.random,
    sizeOf: ({ bytes } = product) => bytes.byteLength,
    events: { onHit: ignore, onMiss: ignore, onEvict: ignore, onLoad: ignore },
  },
  {
    ...{ ttlMs, staleMs: 0, negativeTtlMs: ttlMs, jitter: 0.1, boundMs: 0 },
    ...{ maxEntries: 10_000, maxBytes: 64 << 20 },
  },
);
const lru = new LRUCache({ max: 10_000, ttl: ttlMs, fetchMethod: load });
const bento = new BentoCache({
  default: 'memory',
  stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000, serialize: false })) },
});
const cacheable = new Cacheable({ ttl: ttlMs });
const map = new Map(keys.map((key) => [key, product]));

/** All of them have single flight but the Map, which is the floor: it has neither times nor bounds. */
const contestants: Readonly<Record<string, Get>> = {
  'a plain Map': (key) => map.get(key),
  'lru-cache fetch': (key) => lru.fetch(key),
  'bentocache getOrSet': (key) => bento.getOrSet({ key, ttl: ttlMs, factory: load }),
  'cacheable getOrSet': (key) => cacheable.getOrSet(key, load, { ttl: ttlMs }),
  'this cache': (key) => ours.get(key, load),
};

const measure = async (get: Get): Promise<number> => {
  const startedAtMs = performance.now();
  for (let read = 0; read < READS; read += 1) await get(keys[(read * 7919) % KEYS] ?? '');
  return READS / ((performance.now() - startedAtMs) / 1000);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const results = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
// The first round fills the caches and lets the code be compiled.
for (let round = 0; round <= ROUNDS; round += 1)
  for (const [name, get] of Object.entries(contestants)) {
    const hitsPerSecond = await measure(get);
    if (round > 0) results.get(name)?.push(hitsPerSecond);
  }

console.log(`Hits of ${KEYS} keys, one after the other; the median of ${ROUNDS} rounds in turns`);
const own = results.get('this cache') ?? [];
for (const [name, rounds] of results) {
  const ratio = median(own.map((hits, index) => hits / (rounds[index] ?? 1)));
  console.log(
    `${name.padEnd(20)} ${Math.round(median(rounds)).toLocaleString('en').padStart(11)} hits/s   this cache to it: ${ratio.toFixed(2)}`,
  );
}
await bento.disconnectAll();
await cacheable.disconnect();
