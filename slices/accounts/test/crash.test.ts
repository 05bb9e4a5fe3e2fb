import { openDatabase } from '@lab/shared/database';
import {
  createSeededRandom,
  type DatabaseEngine,
  eachDatabase,
  onDatabase,
  startServerProcess,
} from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { AccountsTables } from '../src/tables.ts';
import { createShopper, type Send, type Shopper } from './crash-shopper.ts';

const SHIPPED = new URL('../src/server.ts', import.meta.url);
const PLANTED = new URL('hasty-passwords.ts', import.meta.url);
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 60 : 2;
const SHOPPERS = 6;
const MOST_ANSWERS_AFTER_THE_LOGINS = 80;
const SEED = 20_261_128;

const env = {
  ...{ LOGIN_ADDRESS_CAPACITY: '1000000', LOGIN_CLIENT_CAPACITY: '1000000', REFRESH_GRACE_MS: '600000' },
  ...{ HASH_MEMORY_KIB: '8', HASH_PASSES: '1', SEED_ACCOUNTS: 'off' },
};

const sendTo =
  (url: string, onAnswer: () => Promise<void> = async () => undefined): Send =>
  async (method, path, json, token) => {
    const headers = {
      ...(json && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    };
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(json && { body: JSON.stringify(json) }),
      });
      const text = await response.text();
      await onAnswer();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    }
  };

/** Kills the server repeatedly while shoppers are at work, and then asks it for everything that it acknowledged. */
const crashLoop = async (url: string, launcher: URL, kills: number) => {
  const random = createSeededRandom(SEED);
  const faults: string[] = [];
  const everyone: Shopper[] = [];
  let answers = 0;
  for (let killed = 0; killed < kills; killed += 1) {
    const server = await startServerProcess(launcher, { env: { ...env, DATABASE_URL: url } });
    const lastAnswer = answers + SHOPPERS * 7 + Math.floor(random() * MOST_ANSWERS_AFTER_THE_LOGINS);
    const send = sendTo(server.url, async () => {
      answers += 1;
      if (answers >= lastAnswer) await server.kill();
    });
    const newcomers = Array.from({ length: SHOPPERS }, (_, index) =>
      createShopper(`shopper-${killed}-${index}@example.com`, random, (fault) => faults.push(fault)),
    );
    everyone.push(...newcomers);
    const workUntilGone = async (shopper: Shopper): Promise<void> => {
      while (await shopper.step(send));
    };
    await Promise.all(newcomers.map(workUntilGone));
  }
  const survivor = await startServerProcess(launcher, { env: { ...env, DATABASE_URL: url } });
  for (const shopper of everyone) expect(await shopper.check(sendTo(survivor.url))).toBe(true);
  await survivor.kill();
  return { faults, answers, shoppers: everyone.length };
};

const readBack = async (url: string, engine: DatabaseEngine) => {
  const db = openDatabase<AccountsTables>(url);
  const accounts = await db.selectFrom('accounts').selectAll().execute();
  const roles = await db.selectFrom('account_roles').select('account_id').distinct().execute();
  const waiting = await db.selectFrom('account_registrations').select('email').execute();
  if (engine.name === 'sqlite') {
    const check = await sql`pragma integrity_check`.execute(db);
    expect(check.rows).toEqual([{ integrity_check: 'ok' }]);
  }
  await db.destroy();
  return { accounts: accounts.length, withRoles: roles.length, waiting: waiting.length };
};

eachDatabase((engine) => {
  it(`keeps what it acknowledged through ${KILLS} kills during registrations, refreshes and changes of passwords`, {
    timeout: 900_000,
  }, async () => {
    const { url } = await engine.open();
    const { faults, answers, shoppers } = await crashLoop(url, SHIPPED, KILLS);
    expect(faults).toEqual([]);
    expect(await readBack(url, engine)).toEqual({ accounts: shoppers, withRoles: shoppers, waiting: 0 });
    if (isFull) console.log(`${engine.name}: ${answers} answers, ${shoppers} shoppers, ${KILLS} kills`);
  });
});

const onEngines = isFull
  ? eachDatabase
  : (suite: (engine: DatabaseEngine) => void) => onDatabase('sqlite', suite);

onEngines((engine) => {
  it('(detector) sees a change of the password that ends the other sessions in a second step', {
    timeout: 900_000,
  }, async () => {
    const { url } = await engine.open();
    const { faults } = await crashLoop(url, PLANTED, 1);
    expect(faults.join('\n')).toMatch(/an ended session: .*"status":200/);
  });
});
