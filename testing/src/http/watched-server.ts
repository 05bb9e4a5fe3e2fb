import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { App } from '@lab/shared/http';
import { createHttpServer, routeOf } from '@lab/shared/http';
import { createContractCheck, type Exchange } from './contract-check.ts';
import { tapResponses } from './wire-tap.ts';

export interface Finding {
  readonly exchange: Exchange;
  /** Descriptions of what is not as documented. */
  readonly faults: readonly string[];
}

export interface WatchedServer {
  readonly port: number;
  readonly contractOf: ReturnType<typeof createContractCheck>['contractOf'];
  /** Closes every connection. */
  readonly close: () => Promise<void>;
}

const requestOf = (request: IncomingMessage): Exchange['request'] => ({
  method: request.method ?? '',
  target: request.url ?? '',
  route: routeOf(request) ?? 'unmatched',
  isPreflight: 'access-control-request-method' in request.headers,
});

/** Listens on a free port of 127.0.0.1, and checks every response against the contracts of the app. */
export const openWatchedServer = async (
  app: App,
  onExchange: (finding: Finding) => void,
): Promise<WatchedServer> => {
  const { check, contractOf } = createContractCheck(app.contracts);
  const server = createHttpServer(app.express, { publicUrl: 'http://test.invalid', logger: app.logger });
  tapResponses(server, (response, request) => {
    const exchange = { response, request: request && requestOf(request) };
    onExchange({ exchange, faults: check(exchange) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');

  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: address.port, contractOf, close };
};
