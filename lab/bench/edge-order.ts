import { z } from 'zod';

/** The number of connections of each kind, and of reconnects per second. */
const attacks = z.object({
  idle: z.int().optional(),
  slow: z.int().optional(),
  unread: z.int().optional(),
  reconnects: z.int().optional(),
});

/** The input of the attacking process. */
export const attackOrder = z.object({ url: z.string(), attacks });

/** Its report. */
export const attackReport = z.object({
  opened: z.int(),
  refused: z.int(),
  closedByServer: z.int(),
  bytesSent: z.int(),
});

/** The input of the process that measures latencies: the paths to request, and for how many seconds. */
export const probeOrder = z.object({ url: z.string(), paths: z.array(z.string()), seconds: z.number() });

/** Its report for each path. */
export const probeReport = z.array(
  z.object({ path: z.string(), sent: z.int(), failed: z.int(), p50Ms: z.number(), p99Ms: z.number() }),
);

export type Attacks = z.output<typeof attacks>;
export type AttackReport = z.output<typeof attackReport>;
export type ProbeReport = z.output<typeof probeReport>;
