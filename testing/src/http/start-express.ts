import { once } from 'node:events';
import type { Express } from 'express';
import { onTestFinished } from 'vitest';
import { createTestClient, type SendRequest } from './test-client.ts';

/** Serves any Express app on a free port until the test ends. For tests of a slice's router in a foreign app. */
export const startExpress = async (app: Express): Promise<SendRequest> => {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return createTestClient(`http://127.0.0.1:${address.port}`);
};
