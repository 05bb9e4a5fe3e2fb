import type { App } from '@lab/shared/http';
import { afterAll, onTestFinished, TestRunner } from 'vitest';
import { createTestClient, type SendRequest } from './test-client.ts';
import { type Finding, openWatchedServer } from './watched-server.ts';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly request: SendRequest;
  /** Returns and clears the violations so far, one line each. For tests of deliberate violations. */
  readonly takeViolations: () => readonly string[];
  /** Stops the server and throws the violations. Called automatically after the test, or after the file. */
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

// On import, because a hook registered while `beforeAll` runs would be silently ignored.
afterAll(async () => {
  for (const server of open) await server.close();
});

/**
 * Serves an app on a free port of 127.0.0.1 until the end of the test, or of the file if it was started outside a test.
 * Every response to any client is checked against the contract of its route: status, media type, body, problem code and
 * the headers that every response must have. A response that is not as documented fails the test.
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
