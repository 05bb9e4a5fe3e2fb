import { z } from 'zod';

const loadRequest = z.object({
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  body: z.unknown().optional(),
  /** The idempotency key of the n-th request is `<prefix>-<from + n modulo count>`. */
  keys: z.object({ prefix: z.string(), from: z.int(), count: z.int() }).optional(),
});

/**
 * A number of seconds, of which the first `warmUp` are not measured, or a number of requests, which are all answered.
 */
const volume = z.union([
  z.object({ duration: z.number(), warmUp: z.number().optional() }),
  z.object({ amount: z.int() }),
]);

/** The input of the process that creates the load. */
export const loadOrder = z.object({ url: z.string(), connections: z.int(), request: loadRequest, volume });

/** Its report. */
export const loadReport = z.object({
  /** Measured responses. */
  total: z.int(),
  /** All responses, including those during warm-up. */
  answered: z.int(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Responses other than 2xx, broken connections and timeouts. */
  failed: z.int(),
  /** Responses with `Idempotent-Replayed`. */
  replayed: z.int(),
});

/** One request, sent over and over. */
export type LoadRequest = z.input<typeof loadRequest>;
export type Volume = z.input<typeof volume>;
export type LoadReport = z.output<typeof loadReport>;
