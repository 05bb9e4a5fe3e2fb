import { createSeededRandom, type DatabaseEngine, eachDatabase, startServerProcess } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openDemoDatabase } from '../src/index.ts';
import { createWriter, type Ledger, newLedger, readBack, wrongLines } from './writing-client.ts';

const SHIPPED = new URL('../src/server.ts', import.meta.url);
const PLANTED = new URL('hasty-server.ts', import.meta.url);
// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 100 : 3;
const WRITERS = 8;
const MOST_ANSWERS_OF_A_LIFE = 120;
const SEED = 20_261_121;

/** Kills the server repeatedly during writes, each time after a random number of answers that the seed determines. */
const crashLoop = async (url: string, launcher: URL, kills: number): Promise<Ledger> => {
  const ledger = newLedger();
  const random = createSeededRandom(SEED);
  const env = { DATABASE_URL: url, SEED_PRODUCTS: '50', SEED_GIFTS: 'off' };
  for (let killed = 0; killed < kills; killed += 1) {
    const server = await startServerProcess(launcher, { env });
    const lastAnswer = ledger.answers + 1 + Math.floor(random() * MOST_ANSWERS_OF_A_LIFE);
    const writer = createWriter(server.url, ledger, random);
    const writeUntilGone = async (): Promise<void> => {
      while (await writer.write()) if (ledger.answers >= lastAnswer) await server.kill();
    };
    await Promise.all(Array.from({ length: WRITERS }, writeUntilGone));
  }
  const survivor = await startServerProcess(launcher, { env });
  await createWriter(survivor.url, ledger, random).repeatGifts();
  await survivor.kill();
  return ledger;
};

const readBackFrom = async (url: string, engine: DatabaseEngine) => {
  const db = await openDemoDatabase(url, {});
  const check = engine.name === 'sqlite' ? await sql`pragma integrity_check`.execute(db) : undefined;
  const held = await readBack(db);
  await db.destroy();
  return { ...held, integrity: check?.rows };
};

eachDatabase((engine) => {
  it(`has each acknowledged write after ${KILLS} kills during additions to carts and grants of gifts`, async () => {
    const { url } = await engine.open();
    const ledger = await crashLoop(url, SHIPPED, KILLS);
    const { quantities, gifts, integrity } = await readBackFrom(url, engine);
    expect([...ledger.surprises, ...ledger.failures]).toEqual([]);
    expect(wrongLines(ledger, quantities)).toEqual([]);
    expect(gifts).toEqual([...ledger.gifts.keys()].toSorted());
    if (engine.name === 'sqlite') expect(integrity).toEqual([{ integrity_check: 'ok' }]);
    if (isFull)
      console.log(`${engine.name}: ${ledger.answers} answers, ${gifts.length} gifts, ${KILLS} kills`);
  }, 900_000);

  it('(detector) sees lost cart lines if the server answers before it commits', async () => {
    const { url } = await engine.open();
    const ledger = await crashLoop(url, PLANTED, 3);
    const { quantities } = await readBackFrom(url, engine);
    expect(wrongLines(ledger, quantities)).not.toEqual([]);
  }, 900_000);
});
