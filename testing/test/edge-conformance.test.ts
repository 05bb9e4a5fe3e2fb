import { once } from 'node:events';
import { createServer } from 'node:http';
import { createTestApp, startApp } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { edgeCasesFor } from '../src/edge/edge-conformance.ts';
import { failuresOf } from '../src/edge/send-edge-case.ts';

const cases = edgeCasesFor(createTestApp([]));

test('has about ninety cases for a server without bodies, each with a name of its own', () => {
  expect(cases.length).toBeGreaterThanOrEqual(90);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test('a server of the lab fails none', async () => {
  const { port } = await startApp(createTestApp([]));
  const failures = await Promise.all(cases.map((each) => failuresOf(port, each)));
  expect(failures.flat()).toEqual([]);
});

test('(detector) Node by itself fails those that its parser leaves open', async () => {
  const server = createServer((_req, res) => void res.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const failures = (await Promise.all(cases.map((each) => failuresOf(port, each)))).flat();
  for (const name of [
    'target: version 2.0',
    'target: CONNECT',
    'target: a fragment',
    'headers: two Host lines',
    'headers: two Authorization lines',
    'headers: an empty Host',
    'framing: Transfer-Encoding: gzip, chunked',
  ]) {
    expect(failures).toContainEqual(expect.stringContaining(`${name}:`));
  }
});
