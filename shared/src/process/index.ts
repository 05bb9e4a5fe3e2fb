/** What a process does besides answering requests. */
export { type PeriodicOptions, type PeriodicTask, runPeriodically } from './run-periodically.ts';
