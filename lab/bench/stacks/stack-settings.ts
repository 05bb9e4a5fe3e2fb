import { type DestinationStream, pino } from 'pino';

/** Standard output, written in batches like that of the lab's servers. */
export const createLogDestination = (): DestinationStream =>
  pino.destination({ dest: 1, sync: true, minLength: 4096, periodicFlush: 50 });

/** Ends the process on SIGTERM by `exit`, so that buffered log lines are written. */
export const exitOnSignal = (): void => {
  process.once('SIGTERM', () => process.exit(0));
};

/** The buckets of the lab's histogram of request durations, in seconds. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Origins that browsers may call from, the same for all servers of a comparison. */
export const corsOrigins = (process.env.CORS_ORIGINS ?? '').split(',').filter(Boolean);

export const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;
