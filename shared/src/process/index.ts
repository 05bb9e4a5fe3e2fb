/** What a process does besides handling requests. */
export { type PeriodicTask, runPeriodically } from './run-periodically.ts';
