import { once } from 'node:events';
import { eachDatabase, openBalancer, startServerProcess } from '@lab/testing';
import { expect, it } from 'vitest';
import { alice, bob } from './demo-app.ts';

const LAUNCHER = new URL('../src/server.ts', import.meta.url);
// The whole proof takes some minutes: FULL_PROOF=1.
const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 30 : 2;
const CLIENTS = 8;
// Ten times what the balancer needs to notice.
const DRAIN_DELAY_MS = '1000';

interface Tally {
  answered: number;
  readonly failures: string[];
}

/** Reads and writes without a pause until it is told to stop. */
const runClient = async (url: string, tally: Tally, isOver: () => boolean): Promise<void> => {
  const json = { 'Content-Type': 'application/json' };
  const add = { method: 'POST', body: JSON.stringify({ sku: 'ICE-CONE-12', quantity: 1 }) };
  const requests: readonly [string, RequestInit, number][] = [
    ['/products?limit=5', {}, 200],
    ['/carts/me/items', { ...add, headers: { ...json, ...alice } }, 201],
    ['/carts/me', { headers: bob }, 200],
    ['/echo', { method: 'POST', body: '{"message":"m"}', headers: json }, 200],
  ];
  while (!isOver()) {
    for (const [path, init, expected] of requests) {
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

eachDatabase((engine) => {
  it(`fails no request while ${ROUNDS} processes are replaced under load behind a balancer`, async () => {
    const { url } = await engine.open();
    const env = { DATABASE_URL: url, SEED_PRODUCTS: '50', SEED_GIFTS: 'off', DRAIN_DELAY_MS };
    const launch = async () => {
      const server = await startServerProcess(LAUNCHER, { env });
      await balancer.add(server.url);
      return server;
    };
    const balancer = await openBalancer();
    let current = await launch();
    const tally: Tally = { answered: 0, failures: [] };
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, () => runClient(balancer.url, tally, () => isOver));
    const codes: unknown[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = await launch();
      const exited = once(current.child, 'exit');
      current.child.kill(round % 5 === 4 ? 'SIGHUP' : 'SIGTERM');
      const [code] = await exited;
      codes.push(code);
      balancer.remove(current.url);
      current = next;
    }
    isOver = true;
    await Promise.all(clients);
    expect(tally.failures).toEqual([]);
    expect(codes).toEqual(Array(ROUNDS).fill(0));
    expect(tally.answered).toBeGreaterThan(ROUNDS * CLIENTS);
    if (isFull) console.log(`${engine.name}: ${tally.answered} requests over ${ROUNDS} signals, none failed`);
  }, 900_000);
});
