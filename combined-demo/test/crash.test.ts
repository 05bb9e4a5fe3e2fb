import {
  createSeededRandom,
  type DatabaseEngine,
  eachDatabase,
  startServerProcess,
} from '@lab/shared/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openDemoDatabase } from '../src/index.ts';
import { createShopper, type Ledger, newLedger } from './writing-client.ts';

const SHIPPED = new URL('../src/server.ts', import.meta.url);
const PLANTED = new URL('hasty-server.ts', import.meta.url);
// The whole proof takes some minutes: FULL_PROOF=1.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 100 : 5;
const WRITERS = 8;
const MOST_ANSWERS_OF_A_LIFE = 120;
const SEED = 20_261_121;

/** Kills the server again and again while it is written to, after as many answers as the seed decides. */
const crashLoop = async (url: string, launcher: URL, kills: number): Promise<Ledger> => {
  const ledger = newLedger();
  const random = createSeededRandom(SEED);
  const env = { DATABASE_URL: url, SEED_PRODUCTS: '50', SEED_GIFTS: 'off' };
  for (let killed = 0; killed < kills; killed += 1) {
    const server = await startServerProcess(launcher, { env });
    const lastAnswer = ledger.answers + 1 + Math.floor(random() * MOST_ANSWERS_OF_A_LIFE);
    const shopper = createShopper(server.url, ledger, random);
    const writeUntilGone = async (): Promise<void> => {
      while (await shopper.write()) if (ledger.answers >= lastAnswer) await server.kill();
    };
    await Promise.all(Array.from({ length: WRITERS }, writeUntilGone));
  }
  const survivor = await startServerProcess(launcher, { env });
  await createShopper(survivor.url, ledger, random).repeatGifts();
  await survivor.kill();
  return ledger;
};

/** What the database holds, to be held against the ledger. */
const readBack = async (url: string, engine: DatabaseEngine) => {
  const db = await openDemoDatabase(url, {});
  const lines = await db.selectFrom('cart_items').select(['user_id', 'sku', 'quantity']).execute();
  const gifts = await db.selectFrom('gifts').select('sku').execute();
  const check = engine.name === 'sqlite' ? await sql`pragma integrity_check`.execute(db) : undefined;
  await db.destroy();
  const quantities = new Map(lines.map((line) => [`${line.user_id} ${line.sku}`, line.quantity]));
  return { quantities, gifts: gifts.map(({ sku }) => sku).toSorted(), integrity: check?.rows };
};

/** Lines that lack what was acknowledged, or hold what nobody sent. */
const wrongLines = (ledger: Ledger, quantities: ReadonlyMap<string, number>): string[] =>
  [...new Set([...ledger.adds.keys(), ...quantities.keys()])].flatMap((line) => {
    const { acknowledged, unanswered } = ledger.adds.get(line) ?? { acknowledged: 0, unanswered: 0 };
    const quantity = quantities.get(line) ?? 0;
    const isRight = quantity >= acknowledged && quantity <= acknowledged + unanswered;
    return isRight ? [] : [`${line}: ${quantity}, of ${acknowledged} and perhaps ${unanswered}`];
  });

eachDatabase((engine) => {
  it(`has each acknowledged write after ${KILLS} kills while carts are filled and gifts granted`, async () => {
    const { url } = await engine.open();
    const ledger = await crashLoop(url, SHIPPED, KILLS);
    const { quantities, gifts, integrity } = await readBack(url, engine);
    expect(ledger.surprises).toEqual([]);
    expect(wrongLines(ledger, quantities)).toEqual([]);
    expect(gifts).toEqual([...ledger.gifts.keys()].toSorted());
    if (engine.name === 'sqlite') expect(integrity).toEqual([{ integrity_check: 'ok' }]);
    if (isFull)
      console.log(`${engine.name}: ${ledger.answers} answers, ${gifts.length} gifts, ${KILLS} kills`);
  }, 900_000);

  it('(detector) sees cart lines lost by a server that answers before it commits', async () => {
    const { url } = await engine.open();
    const ledger = await crashLoop(url, PLANTED, 3);
    const { quantities } = await readBack(url, engine);
    expect(wrongLines(ledger, quantities)).not.toEqual([]);
  }, 900_000);
});
