import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { verifyAlike } from '../lab/bench/alike.ts';
import { verdict } from '../lab/bench/compare.ts';
import type { Contestant } from '../lab/bench/contestant.ts';
import { verifyLogLines } from '../lab/bench/log-lines.ts';

const fullHeaders = {
  'X-Request-Id': 'one',
  'Content-Security-Policy': "default-src 'none'",
  'Strict-Transport-Security': 'max-age=1',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Allow-Origin': 'https://shop.example',
};

interface Planted {
  readonly answer?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly statusOfInvalid?: number;
}

/** A server that gives the same responses except for planted differences. */
const startContestant = async (name: string, planted: Planted = {}): Promise<Contestant> => {
  const {
    answer = { echo: 'ice', request_id: name },
    headers = fullHeaders,
    statusOfInvalid = 400,
  } = planted;
  const server = createServer((req, res) => {
    res.writeHead(req.url === '/invalid' ? statusOfInvalid : 200, headers).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const stop = async () => undefined;
  return { name, isFull: true, server: { url, pid: 0, logFile: '', cpuMs: () => undefined, stop } };
};

const request = { method: 'GET', path: '/valid' } as const;
const invalid = { method: 'GET', path: '/invalid' } as const;

const verify = async (planted: Planted): Promise<void> =>
  verifyAlike(request, invalid, await startContestant('lab'), [await startContestant('other', planted)]);

test('servers that differ in ids alone are compared', async () => {
  await verify({});
});

test.each<[string, Planted, RegExp]>([
  ['another answer', { answer: { echo: 'snack', request_id: 'other' } }, /other answers/],
  ['no request id in its answer', { answer: { echo: 'ice' } }, /other answers/],
  ['no security headers', { headers: { 'X-Request-Id': 'one' } }, /other sends no content-security-policy/],
  ['an ETag', { headers: { ...fullHeaders, ETag: '"1"' } }, /other sends an ETag/],
  ['no validation', { statusOfInvalid: 200 }, /other answers 200 to an invalid request/],
])('a server with %s is not compared', async (_, planted, message) => {
  await expect(verify(planted)).rejects.toThrow(message);
});

test('a list must link to its next page', async () => {
  const link = { ...fullHeaders, Link: '</valid?cursor=abc>; rel="next"' };
  const list = { items: [1], next_cursor: 'abc' };
  const linked = await startContestant('linked', { answer: list, headers: link });
  const unlinked = await startContestant('unlinked', { answer: list });
  await verifyAlike(request, undefined, linked, [linked]);
  await expect(verifyAlike(request, undefined, linked, [unlinked])).rejects.toThrow(
    'unlinked does not link to the next page',
  );
});

test('a server that does not log each request is found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'server.log');
  writeFileSync(path, '{"msg":"request"}\n'.repeat(5000));
  await verifyLogLines('lab', path, 5000);
  await expect(verifyLogLines('lab', path, 10_000)).rejects.toThrow(
    'lab wrote 5000 log lines for 10000 requests',
  );
});

test('the verdict says whether an aim is met, or by how much it is missed', () => {
  expect(verdict(1.3, 1.3)).toBe('aim 1.30 met');
  expect(verdict(1.17, 1.3)).toBe('aim 1.30 missed by 10 %');
});
