import { z } from 'zod';

const loadRequest = z.object({
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  body: z.unknown().optional(),
  /** Of the n-th request the idempotency key is `<prefix>-<from + n modulo count>`. */
  keys: z.object({ prefix: z.string(), from: z.int(), count: z.int() }).optional(),
});

/**
 * For so many seconds, the first `warmUp` of which are not measured; or so many requests, each of which is answered.
 */
const volume = z.union([
  z.object({ duration: z.number(), warmUp: z.number().optional() }),
  z.object({ amount: z.int() }),
]);

/** What the process that makes the load is told. */
export const loadOrder = z.object({ url: z.string(), connections: z.int(), request: loadRequest, volume });

/** What it reports. */
export const loadReport = z.object({
  /** Answers that were measured. */
  total: z.int(),
  /** All answers, those of the time to warm up included. */
  answered: z.int(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Answers other than 2xx, broken connections and timeouts. */
  failed: z.int(),
  /** Answers that say `Idempotent-Replayed`. */
  replayed: z.int(),
});

/** One request, sent over and over. */
export type LoadRequest = z.input<typeof loadRequest>;
export type Volume = z.input<typeof volume>;
export type LoadReport = z.output<typeof loadReport>;
