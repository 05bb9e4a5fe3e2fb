import { z } from 'zod';

/** How many connections of each kind there are, and how many reconnects a second. */
const attacks = z.object({
  idle: z.int().optional(),
  slow: z.int().optional(),
  unread: z.int().optional(),
  reconnects: z.int().optional(),
});

/** What the process that attacks is told. */
export const attackOrder = z.object({ url: z.string(), attacks });

/** What it reports. */
export const attackReport = z.object({
  opened: z.int(),
  refused: z.int(),
  closedByServer: z.int(),
  bytesSent: z.int(),
});

/** What the process that measures latencies is told: which paths it asks for, for how many seconds. */
export const probeOrder = z.object({ url: z.string(), paths: z.array(z.string()), seconds: z.number() });

/** What it reports of each path. */
export const probeReport = z.array(
  z.object({ path: z.string(), sent: z.int(), failed: z.int(), p50Ms: z.number(), p99Ms: z.number() }),
);

export type Attacks = z.output<typeof attacks>;
export type AttackReport = z.output<typeof attackReport>;
export type ProbeReport = z.output<typeof probeReport>;
