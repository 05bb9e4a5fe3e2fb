import { openDatabase } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { GiftGrantTables } from '../src/router.ts';
import { type Answer, createGiftClient } from './gift-client.ts';
import { PLANTED, startServer } from './server-process.ts';

// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const KEYS = isFull ? 500 : 20;
const DUPLICATES = isFull ? 200 : 40;
const CLIENTS = 4;
const SOCKETS_PER_CLIENT = 25;
const KEYS_AT_ONCE = 3;

/** Sends each key many times at once, from several clients to several servers that share a database. */
const storm = async (urls: readonly string[], keyCount: number): Promise<Map<string, Answer[]>> => {
  const clients = Array.from({ length: CLIENTS }, () => createGiftClient(SOCKETS_PER_CLIENT));
  const answers = new Map<string, Answer[]>();
  const keys = Array.from({ length: keyCount }, (_, index) => `key-${index}`).values();
  const sendAll = async (key: string): Promise<void> => {
    const sends = Array.from({ length: DUPLICATES }, (_, index) =>
      clients[index % CLIENTS]?.grant(urls[Math.floor(index / CLIENTS) % urls.length] ?? '', key),
    );
    answers.set(
      key,
      (await Promise.all(sends)).flatMap((answer) => answer ?? []),
    );
  };
  const work = async (): Promise<void> => {
    for (const key of keys) await sendAll(key);
  };
  await Promise.all(Array.from({ length: KEYS_AT_ONCE }, work));
  for (const client of clients) client.close();
  return answers;
};

const run = async (engine: DatabaseEngine, { keys, bug }: { keys: number; bug?: string }) => {
  const { url } = await engine.open();
  const launch = bug === undefined ? {} : { launcher: PLANTED, bug };
  const servers = await Promise.all([startServer(url, launch), startServer(url, launch)]);
  const answers = await storm(
    servers.map((server) => server.url),
    keys,
  );
  await Promise.all(servers.map((server) => server.kill()));
  const db = openDatabase<GiftGrantTables>(url);
  const bySku = db
    .selectFrom('gifts')
    .select(['sku', sql<number>`count(*)`.as('gifts')])
    .groupBy('sku');
  const gifts = await bySku.execute();
  await db.destroy();
  return { answers: [...answers.values()], gifts };
};

const undocumented = ({ status, code }: Answer): boolean =>
  status !== 201 && !(status === 409 && code === 'idempotency_key_in_use');

const granted = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 201);

eachDatabase((engine) => {
  it(`grants one gift per key for ${KEYS} keys, each sent ${DUPLICATES} times at once to two processes`, async () => {
    const { answers, gifts } = await run(engine, { keys: KEYS });
    expect(answers.flat()).toHaveLength(KEYS * DUPLICATES);
    expect(answers.flat().filter(undocumented)).toEqual([]);
    expect(gifts).toHaveLength(KEYS);
    expect(gifts.filter((gift) => gift.gifts !== 1)).toEqual([]);
    expect(answers.map((ofKey) => new Set(granted(ofKey).map(({ fixed }) => fixed)).size)).toEqual(
      answers.map(() => 1),
    );
    expect(granted(answers.flat()).filter(({ isReplay }) => !isReplay)).toHaveLength(KEYS);
    if (isFull)
      console.log(`${engine.name}: ${granted(answers.flat()).length} of ${KEYS * DUPLICATES} are 201`);
  }, 600_000);

  it.each(['no unique constraint', 'response after the commit'])(
    '(detector) sees gifts granted twice: %s',
    async (bug) => {
      // Whether two processes race is up to chance, so this repeats until both faults have been seen.
      let seen = { twice: 0, differing: 0 };
      for (let round = 0; round < 20 && (seen.twice === 0 || seen.differing === 0); round += 1) {
        const { answers, gifts } = await run(engine, { keys: 20, bug });
        const differing = answers.filter(
          (ofKey) => new Set(granted(ofKey).map(({ fixed }) => fixed)).size > 1,
        );
        seen = { twice: gifts.filter((gift) => gift.gifts > 1).length, differing: differing.length };
      }
      expect(seen.twice).toBeGreaterThan(0);
      expect(seen.differing).toBeGreaterThan(0);
    },
    600_000,
  );
});
