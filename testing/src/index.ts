/** What tests are made of: real servers, real databases, real processes; time and chance under control. */
export { type DatabaseEngine, eachDatabase, onDatabase, type TestDatabase } from './databases/databases.ts';
export { createFakeClock, type FakeClock } from './determinism/fake-clock.ts';
export { createSeededIds } from './determinism/seeded-ids.ts';
export { createSeededRandom } from './determinism/seeded-random.ts';
export { type FuzzOptions, fuzzApp } from './fuzz/fuzz-app.ts';
export { fuzzContracts } from './fuzz/fuzz-contracts.ts';
export type { FuzzReport } from './fuzz/fuzz-report.ts';
export type { Samples } from './fuzz/schema-arbitrary.ts';
export { startApp, type TestServer } from './http/start-app.ts';
export { createTestApp, type TestAppOverrides } from './http/test-app.ts';
export type { SendRequest, TestRequest, TestResponse } from './http/test-client.ts';
export { type FilledList, fillList, type ListUnderTest, type OpenList } from './lists/filled-list.ts';
export { type ListCheck, listChecks } from './lists/list-checks.ts';
export { type ListConformance, listConformance } from './lists/list-conformance.ts';
export { raceProcesses } from './processes/process-race.ts';
export { type ServerLaunch, type ServerProcess, startServerProcess } from './processes/server-process.ts';
export { openTcpRelay, type TcpRelay } from './processes/tcp-relay.ts';
export { type Metrics, parsePrometheus } from './prometheus/prometheus.ts';
