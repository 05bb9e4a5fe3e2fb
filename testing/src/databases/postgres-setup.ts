/**
 * Runs once per test run. Provides the address of a Postgres server, which starts only when a test first asks for it
 * and stops at the end of the run.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { TestProject } from 'vitest/node';
import type {} from './postgres-databases.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  let starting: Promise<PostgresServer> | undefined;
  const secret = `/${randomUUID()}`;
  const answer = async (response: ServerResponse): Promise<void> => {
    starting ??= startPostgres();
    try {
      const { url } = await starting;
      response.end(url);
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  };
  const offer = createServer(({ url }, response) => {
    if (url === secret) void answer(response);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(offer, 'listening');
  const address = offer.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  project.provide('postgresOffer', `http://127.0.0.1:${address.port}${secret}`);

  return async () => {
    offer.close();
    await starting?.then((server) => server.stop()).catch(() => undefined);
  };
};
