/**
 * Fuzzing based on the contracts: each route gets valid requests generated from its schemas, and requests broken in one
 * way each, over raw connections. Guarantees for the requests sent: no unexpected failure, every response as
 * documented, no error that repeats a received value, and a server that still responds.
 * Does NOT guarantee: that a response is correct.
 */

import type { App, RouteContract } from '@lab/shared/http';
import fc from 'fast-check';
import { createSeededRandom } from '../determinism/seeded-random.ts';
import { createRawClient, type RawClient } from '../http/raw-client.ts';
import { type Finding, openWatchedServer, type WatchedServer } from '../http/watched-server.ts';
import { breakRequest } from './broken-requests.ts';
import { FuzzRecord, type FuzzReport } from './fuzz-report.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { faultsOf, outcomeOf } from './fuzz-verdict.ts';
import type { Samples } from './schema-arbitrary.ts';
import { type Credentials, plainRequest, validRequests } from './valid-requests.ts';

export interface FuzzOptions {
  /** The same seed sends the same requests. */
  readonly seed?: number;
  /** Default 200, and 2,000 with `FULL_PROOF=1`; 40 percent are valid. */
  readonly requestsPerRoute?: number;
  /** Values for places where the schema alone is not enough, by the name of the contract. */
  readonly samples?: Readonly<Record<string, Samples>>;
  /** Headers that identify a caller (default: the development tokens). */
  readonly credentials?: Credentials;
  /** Which routes to fuzz (default: all except the files of the API explorer). */
  readonly routes?: (contract: RouteContract) => boolean;
  /** Share of each route's valid requests that must pass its schemas (default 0.5). */
  readonly leastValidShare?: number;
}

export const fuzzDefaults = {
  seed: 20_261_120,
  requestsPerRoute: process.env.FULL_PROOF === '1' ? 2000 : 200,
  samples: {},
  credentials: { shopper: { 'X-User-Id': '1' }, operator: { 'X-Admin-Token': 'dev-admin-token' } },
  routes: ({ path }: RouteContract) => !path.startsWith('/docs/'),
  leastValidShare: 0.5,
};

const connections = 8;
const validOf100 = 40;

interface Planned {
  readonly contract: RouteContract;
  readonly request: FuzzRequest;
}

const planRoute = (contract: RouteContract, options: Required<FuzzOptions>, seed: number): Planned[] => {
  const { requestsPerRoute, samples, credentials } = options;
  const random = createSeededRandom(seed);
  const arbitrary = validRequests(contract, samples[contract.name] ?? {}, credentials);
  return fc.sample(arbitrary, { seed, numRuns: requestsPerRoute }).map((valid, index) => ({
    contract,
    request: index % 100 < validOf100 ? plainRequest(valid) : breakRequest(valid, random),
  }));
};

/** Sends the planned requests over several connections, and records the outcomes. */
const sendAll = async (
  plan: readonly Planned[],
  server: WatchedServer,
  findings: Map<string, Finding>,
  record: FuzzRecord,
): Promise<void> => {
  const queue = plan.values();
  const work = async (client: RawClient): Promise<void> => {
    for (const { contract, request } of queue) {
      const answer = await client.send(request);
      const requestId = typeof answer === 'string' ? '' : (answer.headers.get('x-request-id') ?? '');
      const finding = findings.get(requestId);
      findings.delete(requestId);
      const taken = finding && server.contractOf(finding.exchange);
      const outcome = typeof answer === 'string' ? undefined : outcomeOf(answer, contract);
      record.count(contract.name, request.kind === 'valid', outcome);
      for (const fault of faultsOf(request, answer, finding, taken))
        record.fail(contract.name, fault, request, answer);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, () => work(createRawClient(server.port))));
};

/** Fuzzes an app and reports. Throws only if the server no longer responds. */
export const fuzzApp = async (app: App, given: FuzzOptions = {}): Promise<FuzzReport> => {
  const options = { ...fuzzDefaults, ...given };
  const findings = new Map<string, Finding>();
  const server = await openWatchedServer(app, (finding) => {
    findings.set(finding.exchange.response.headers.get('x-request-id') ?? '', finding);
  });
  const record = new FuzzRecord();
  const startedAtMs = performance.now();
  try {
    const routes = app.contracts.filter(options.routes);
    for (const [index, contract] of routes.entries()) {
      await sendAll(planRoute(contract, options, options.seed + index), server, findings, record);
    }
    const alive = await fetch(`http://127.0.0.1:${server.port}/health/live`);
    if (alive.status !== 200) throw new Error(`the server is no longer live: ${alive.status}`);
  } finally {
    await server.close();
  }
  return record.report(performance.now() - startedAtMs);
};
