import type { App } from '@lab/shared/http';
import { afterAll, onTestFinished, TestRunner } from 'vitest';
import { createTestClient, type SendRequest } from './test-client.ts';
import { type Finding, openWatchedServer } from './watched-server.ts';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly request: SendRequest;
  /** The violations so far, one line each, which are then forgotten: for tests of a mistake. */
  readonly takeViolations: () => readonly string[];
  /** Ends the server and throws the violations. It comes by itself after the test, at the latest after the file. */
  readonly close: () => Promise<void>;
}

const describe = ({ exchange: { request, response }, faults }: Finding): string => {
  const asked = request
    ? `${request.method} ${request.target} (${request.route})`
    : 'bytes without a request';
  return `${asked} -> ${response.status}: ${faults.join('; ')}`;
};

const most = 20;

const complain = (violations: readonly string[]): void => {
  if (violations.length === 0) return;
  const rest = violations.length > most ? [`and ${violations.length - most} more`] : [];
  const lines = [...violations.slice(0, most), ...rest].map((line) => `  - ${line}`);
  throw new Error(`Responses that no contract documents:\n${lines.join('\n')}`);
};

const open = new Set<TestServer>();

// On import, since a hook registered while `beforeAll` runs would be dropped without a word.
afterAll(async () => {
  for (const server of open) await server.close();
});

/**
 * Serves an app on a free port of 127.0.0.1 until the test ends, or the file where it was started outside of a test.
 * Every response that any client receives is held against the contract of its route: status, media type, body,
 * problem code and the headers that every server promises. A response that is not as documented fails the test.
 */
export const startApp = async (app: App): Promise<TestServer> => {
  const violations: string[] = [];
  const watched = await openWatchedServer(app, (finding) => {
    if (finding.faults.length > 0) violations.push(describe(finding));
  });
  const url = `http://127.0.0.1:${watched.port}`;
  const server: TestServer = {
    url,
    port: watched.port,
    request: createTestClient(url),
    takeViolations: () => violations.splice(0),
    close: async () => {
      if (!open.delete(server)) return;
      await watched.close();
      complain(violations);
    },
  };
  open.add(server);
  if (TestRunner.getCurrentTest()) onTestFinished(server.close);
  return server;
};
