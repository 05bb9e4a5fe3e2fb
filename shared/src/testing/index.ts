/** What tests are made of: real databases, real processes. */
export { type DatabaseEngine, eachDatabase, onDatabase, type TestDatabase } from './databases.ts';
export { raceProcesses } from './process-race.ts';
