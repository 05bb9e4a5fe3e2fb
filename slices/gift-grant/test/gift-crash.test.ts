import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@lab/shared/database';
import { createSeededRandom, type DatabaseEngine, eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { GiftGrantTables } from '../src/router.ts';
import { createGiftClient, type GiftClient } from './gift-client.ts';
import { PLANTED, startServer } from './server-process.ts';

// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 200 : 4;
const WRITERS = 8;
const LONGEST_LIFE_MS = 150;
const SEED = 20_261_120;

/** What the clients know: the answers to keys that got one, and the keys that are still pending. */
interface Ledger {
  readonly acknowledged: Map<string, string>;
  readonly pending: Set<string>;
  readonly surprises: string[];
}

/** Sends a key once. It stays pending if there is no final answer. */
const settle = async (client: GiftClient, url: string, key: string, ledger: Ledger): Promise<void> => {
  const { status, code, fixed } = await client.grant(url, key);
  if (status === 409 && code === 'idempotency_key_in_use') return;
  if (status !== 201) ledger.surprises.push(`${key}: ${status} ${code}`);
  const known = ledger.acknowledged.get(key);
  if (known !== undefined && known !== fixed) ledger.surprises.push(`${key}: another answer`);
  ledger.acknowledged.set(key, fixed);
  ledger.pending.delete(key);
};

/** Writes until the server is gone, pending keys first, then new ones. */
const writeUntilGone = async (client: GiftClient, url: string, keys: Iterator<string>, ledger: Ledger) => {
  for (;;) {
    const [left] = ledger.pending;
    const key = left ?? String(keys.next().value);
    // Removed while it is in flight, so that the writers do not all take the same key.
    ledger.pending.delete(key);
    try {
      await settle(client, url, key, ledger);
    } catch {
      ledger.pending.add(key);
      return;
    }
  }
};

const newKeys = function* () {
  for (let index = 0; ; index += 1) yield `key-${index}`;
};

/** Kills the server repeatedly during writes, at random times that the seed determines. */
const crashLoop = async (url: string, kills: number, bug?: string): Promise<Ledger> => {
  const ledger: Ledger = { acknowledged: new Map(), pending: new Set(), surprises: [] };
  const random = createSeededRandom(SEED);
  const keys = newKeys();
  const launch = bug === undefined ? {} : { launcher: PLANTED, bug };
  for (let killed = 0; killed < kills; killed += 1) {
    const server = await startServer(url, launch);
    const client = createGiftClient(WRITERS);
    const writers = Array.from({ length: WRITERS }, () => writeUntilGone(client, server.url, keys, ledger));
    await wait(random() * LONGEST_LIFE_MS);
    await server.kill();
    await Promise.all(writers);
    client.close();
  }
  await settleAll(url, ledger, launch);
  return ledger;
};

/** Sends all pending keys and repeats all acknowledged ones. */
const settleAll = async (url: string, ledger: Ledger, launch: object): Promise<void> => {
  const { url: address, kill } = await startServer(url, launch);
  const client = createGiftClient(WRITERS);
  const keys = [...ledger.pending, ...ledger.acknowledged.keys()].values();
  const work = async (): Promise<void> => {
    for (const key of keys) await settle(client, address, key, ledger);
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
  client.close();
  await kill();
};

const run = async (engine: DatabaseEngine, kills: number, bug?: string) => {
  const { url } = await engine.open();
  const ledger = await crashLoop(url, kills, bug);
  const db = openDatabase<GiftGrantTables>(url);
  const bySku = db
    .selectFrom('gifts')
    .select(['sku', sql<number>`count(*)`.as('gifts')])
    .groupBy('sku');
  const gifts = new Map((await bySku.execute()).map((row) => [row.sku, row.gifts]));
  const integrity = engine.name === 'sqlite' ? await sql`pragma integrity_check`.execute(db) : undefined;
  await db.destroy();
  return { ledger, gifts, integrity: integrity?.rows };
};

eachDatabase((engine) => {
  it(`has each acknowledged gift once and replays it after ${KILLS} kills during writes`, async () => {
    const { ledger, gifts, integrity } = await run(engine, KILLS);
    expect(ledger.surprises).toEqual([]);
    expect(ledger.pending).toEqual(new Set());
    expect(new Set(gifts.keys())).toEqual(new Set(ledger.acknowledged.keys()));
    expect([...gifts].filter(([, count]) => count !== 1)).toEqual([]);
    if (engine.name === 'sqlite') expect(integrity).toEqual([{ integrity_check: 'ok' }]);
    if (isFull) console.log(`${engine.name}: ${gifts.size} gifts over ${KILLS} kills`);
  }, 900_000);

  it('(detector) sees a gift granted twice when the response is saved after the commit', async () => {
    const { gifts } = await run(engine, 8, 'response after the commit');
    expect([...gifts].filter(([, count]) => count > 1).length).toBeGreaterThan(0);
  }, 900_000);
});
