/** What a process does besides handling requests. */
export { type PeriodicOptions, type PeriodicTask, runPeriodically } from './run-periodically.ts';
