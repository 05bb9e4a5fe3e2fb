import { z } from 'zod';

const percent = z.number().min(0).max(100).default(0);

/** How often, in percent, and how the provider misbehaves. */
export const faultSchema = z.strictObject({
  /** Answers after `delay_ms`. */
  slow: percent,
  delay_ms: z.int().min(0).max(60_000).default(3000),
  /** Refuses with 503 before it has done anything. */
  unavailable: percent,
  /** Does what it is asked for, and answers 500. A repeat with the same key gets the real answer. */
  error_after: percent,
  /** Does what it is asked for, and cuts the connection. */
  cut_after: percent,
  /** Refuses a refund for good. */
  refuse_refund: percent,
  /** Sends an event twice. */
  duplicate: percent,
  /** Sends an event late, after others that came later. */
  reorder: percent,
  /** Does not send an event at all. */
  lost: percent,
});

export type ProviderFaults = z.output<typeof faultSchema>;

export const noFaults: ProviderFaults = faultSchema.parse({});
