import { once } from 'node:events';
import { eachDatabase, onDatabase, openBalancer, startServerProcess } from '@lab/testing';
import { expect, it } from 'vitest';
import { alice, bob } from './demo-app.ts';

const LAUNCHER = new URL('../src/server.ts', import.meta.url);
// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 30 : 2;
const CLIENTS = 8;
// Ten times as long as the balancer needs to notice.
const DRAIN_DELAY_MS = 1000;

// Several products, because a line holds at most 10,000.
const skus = ['ICE-VANILLA-500', 'ICE-CONE-12', 'SNACK-FUDGE-250', 'LAB-00000001', 'LAB-00000002'];

interface Tally {
  answered: number;
  readonly failures: string[];
}

/** Reads and writes without a pause until `isOver`. */
const runClient = async (url: string, tally: Tally, isOver: () => boolean): Promise<void> => {
  const json = { 'Content-Type': 'application/json' };
  const add = (sku: string) => ({ method: 'POST', body: JSON.stringify({ sku, quantity: 1 }) });
  const requestsWith = (sku: string): readonly [string, RequestInit, number][] => [
    ['/products?limit=5', {}, 200],
    ['/carts/me/items', { ...add(sku), headers: { ...json, ...alice } }, 201],
    ['/carts/me', { headers: bob }, 200],
    ['/echo', { method: 'POST', body: '{"message":"m"}', headers: json }, 200],
  ];
  while (!isOver()) {
    for (const [path, init, expected] of requestsWith(skus[tally.answered % skus.length] ?? '')) {
      const answer = await fetch(`${url}${path}`, init).catch((error: unknown) => ({
        status: String(error),
        text: async () => '',
      }));
      const text = await answer.text();
      tally.answered += 1;
      if (answer.status !== expected) tally.failures.push(`${path}: ${answer.status} ${text.slice(0, 200)}`);
    }
  }
};

/** Replaces a server repeatedly while clients send requests, and stops each one with a signal. */
const replaceUnderLoad = async (databaseUrl: string, rounds: number, drainDelayMs: number) => {
  const balancer = await openBalancer();
  const drain = { DRAIN_DELAY_MS: String(drainDelayMs) };
  const env = { DATABASE_URL: databaseUrl, SEED_PRODUCTS: '50', SEED_GIFTS: 'off', ...drain };
  const launch = async () => {
    const server = await startServerProcess(LAUNCHER, { env });
    await balancer.add(server.url);
    return server;
  };
  let current = await launch();
  const tally: Tally = { answered: 0, failures: [] };
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, () => runClient(balancer.url, tally, () => isOver));
  const codes = new Set<unknown>();
  for (let round = 0; round < rounds; round += 1) {
    const next = await launch();
    const exited = once(current.child, 'exit');
    current.child.kill(round % 5 === 4 ? 'SIGHUP' : 'SIGTERM');
    const [code] = await exited;
    codes.add(code);
    balancer.remove(current.url);
    current = next;
  }
  isOver = true;
  await Promise.all(clients);
  return { ...tally, codes: [...codes] };
};

eachDatabase((engine) => {
  it(`fails no request while ${ROUNDS} processes are replaced under load behind a balancer`, async () => {
    const { url } = await engine.open();
    const { answered, failures, codes } = await replaceUnderLoad(url, ROUNDS, DRAIN_DELAY_MS);
    expect(failures).toEqual([]);
    expect(codes).toEqual([0]);
    expect(answered).toBeGreaterThan(ROUNDS * CLIENTS);
    if (isFull) console.log(`${engine.name}: ${answered} requests over ${ROUNDS} signals, none failed`);
  }, 900_000);
});

onDatabase('sqlite', (engine) => {
  it('(detector) sees requests fail where the listener closes before the balancer notices', async () => {
    const { url } = await engine.open();
    const { failures } = await replaceUnderLoad(url, 2, 0);
    expect(failures).not.toEqual([]);
  }, 60_000);
});
