import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { openTcpRelay } from '../src/index.ts';

const BODY = 'x'.repeat(10_000);

const openLine = async () => {
  const server = createServer((_req, res) => res.end(BODY)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  const relay = await openTcpRelay(`http://127.0.0.1:${address.port}`);
  const read = async () => (await fetch(relay.url, { headers: { Connection: 'close' } })).text();
  const timeOf = async () => {
    const startedAtMs = performance.now();
    expect(await read()).toBe(BODY);
    return performance.now() - startedAtMs;
  };
  return { relay, read, timeOf };
};

test('a good line changes nothing', async () => {
  const { read } = await openLine();
  expect(await read()).toBe(BODY);
});

test('latency and a limited rate make it slow, and lose nothing', async () => {
  const { relay, timeOf } = await openLine();
  relay.worsen({ latencyMs: 100 });
  expect(await timeOf()).toBeGreaterThanOrEqual(200);
  relay.worsen({ bytesPerSecond: 20_000 });
  expect(await timeOf()).toBeGreaterThanOrEqual(490);
});

test('a cut in the middle of the stream breaks each connection, until the line is good again', async () => {
  const { relay, read } = await openLine();
  relay.worsen({ cutAfterBytes: 5000 });
  await expect(read()).rejects.toThrow();
  await expect(read()).rejects.toThrow();
  relay.worsen({});
  expect(await read()).toBe(BODY);
});

test('a reset breaks what is under way and serves what comes next', async () => {
  const { relay, read } = await openLine();
  relay.worsen({ bytesPerSecond: 1000 });
  const broken = expect(read()).rejects.toThrow();
  const resetting = setInterval(relay.reset, 10);
  await broken;
  clearInterval(resetting);
  relay.worsen({});
  expect(await read()).toBe(BODY);
});
