import type { ServerContext } from '@lab/shared/http';
import { Counter, Gauge } from 'prom-client';
import type { FlagSource } from './live-flags.ts';

const what: Readonly<Record<FlagSource, string>> = {
  file: 'the file of flags is not valid: the last good one stays in force',
  overrides: 'could not read the overrides of flags: the last ones stay in force',
};

/** Counts readings of the sources of flags, and logs each new failure once. */
export const watchSources = ({ registry, logger }: Pick<ServerContext<unknown>, 'registry' | 'logger'>) => {
  const readings = new Counter({
    name: 'flag_readings_total',
    help: 'Readings of the file of flags and of the overrides in the database',
    labelNames: ['source', 'outcome'],
    registers: [registry],
  });
  const sound = new Gauge({
    name: 'flag_source_sound',
    help: 'Whether the last reading of the source succeeded (1) or what it said before stays in force (0)',
    labelNames: ['source'],
    registers: [registry],
  });
  for (const source of ['file', 'overrides'] as const) {
    sound.set({ source }, 1);
    for (const outcome of ['read', 'failed']) readings.inc({ source, outcome }, 0);
  }
  const failing = new Map<FlagSource, string>();
  return {
    /** Whether a source is failing. */
    isStale: () => failing.size > 0,
    onRead: (source: FlagSource, error?: unknown): void => {
      const reason = error === undefined ? undefined : String(error);
      readings.inc({ source, outcome: reason === undefined ? 'read' : 'failed' });
      sound.set({ source }, reason === undefined ? 1 : 0);
      if (reason === undefined) {
        if (failing.delete(source)) logger.info({ source }, 'flags are up to date again');
      } else if (failing.get(source) !== reason) {
        failing.set(source, reason);
        logger.warn({ err: error, source }, what[source]);
      }
    },
  };
};
