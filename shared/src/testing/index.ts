/** What tests are made of: real servers, real databases, real processes; time and chance under control. */
export { type DatabaseEngine, eachDatabase, onDatabase, type TestDatabase } from './databases.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { type FilledList, fillList, type ListUnderTest, type OpenList } from './filled-list.ts';
export { type FuzzOptions, fuzzApp } from './fuzz-app.ts';
export { fuzzContracts } from './fuzz-contracts.ts';
export type { FuzzReport } from './fuzz-report.ts';
export { type ListCheck, listChecks } from './list-checks.ts';
export { type ListConformance, listConformance } from './list-conformance.ts';
export { raceProcesses } from './process-race.ts';
export { type Metrics, parsePrometheus } from './prometheus.ts';
export type { Samples } from './schema-arbitrary.ts';
export { createSeededIds } from './seeded-ids.ts';
export { createSeededRandom } from './seeded-random.ts';
export { type ServerLaunch, type ServerProcess, startServerProcess } from './server-process.ts';
export { startApp, type TestServer } from './start-app.ts';
export { openTcpRelay, type TcpRelay } from './tcp-relay.ts';
export { createTestApp, type TestAppOverrides } from './test-app.ts';
export type { SendRequest, TestRequest, TestResponse } from './test-client.ts';
