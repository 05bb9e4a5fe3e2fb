import { openDatabase } from '@lab/shared/database';
import { eachDatabase, raceProcesses, startServerProcess } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { PromoTables } from '../src/index.ts';
import { usd } from './promo-app.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
const USERS = 500;

eachDatabase((engine) => {
  const race = async (wishes: readonly { user: number; code: string; cart: string }[]) => {
    const { url } = await engine.open();
    const env = { DATABASE_URL: url, PROMO_BUCKET_CAPACITY: '1000' };
    const servers = await Promise.all([
      startServerProcess(SERVER, { env }),
      startServerProcess(SERVER, { env }),
    ]);
    const apply = async ({ user, code, cart }: (typeof wishes)[number], index: number) => {
      const response = await fetch(`${servers[index % 2]?.url}/promo/apply`, {
        method: 'POST',
        headers: { 'X-User-Id': String(user), 'Content-Type': 'application/json' },
        body: JSON.stringify({ code, cart_id: cart, cart_total: usd('50.00') }),
      });
      const { code: told } = z.looseObject({ code: z.string() }).parse(await response.json());
      return `${response.status} ${told}`;
    };
    const answers = await Promise.all(wishes.map(apply));
    await Promise.all(servers.map((server) => server.kill()));
    const db = openDatabase<PromoTables>(url);
    const redemptions = await db.selectFrom('promo_redemptions').selectAll().execute();
    const counted = await db.selectFrom('promo_codes').select(['code', 'redeemed']).execute();
    await db.destroy();
    return { answers: Object.groupBy(answers, (answer) => answer), redemptions, counted };
  };

  it(`lets exactly 50 of ${USERS} users redeem FIRST50, who ask two processes at once`, async () => {
    const wishes = Array.from({ length: USERS }, (_, index) => ({
      user: index + 1,
      code: 'FIRST50',
      cart: 'cart',
    }));
    const { answers, redemptions, counted } = await race(wishes);
    expect(answers['200 FIRST50']).toHaveLength(50);
    expect(answers['409 promo_exhausted']).toHaveLength(USERS - 50);
    expect(redemptions).toHaveLength(50);
    expect(counted.find(({ code }) => code === 'FIRST50')?.redeemed).toBe(50);
  }, 120_000);

  it('(detector) sees more than 50 if redemptions are counted first and written later', async () => {
    const { db, url } = await engine.open();
    await sql`create table naive_redemptions (code text, user_id integer, cart_id text)`.execute(db);
    const script = new URL('naive-racer.ts', import.meta.url);
    const counts = z.array(z.number()).parse(
      await raceProcesses(script, [
        [url, '1'],
        [url, '251'],
      ]),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(50);
  }, 60_000);

  it('lets one user redeem WELCOME10 for one of many carts, and each cart redeem once', async () => {
    const wishes = Array.from({ length: 100 }, (_, index) => ({
      user: 1,
      code: 'WELCOME10',
      cart: `cart-${index % 20}`,
    }));
    const { answers, redemptions } = await race(wishes);
    expect(redemptions).toHaveLength(1);
    expect(Object.keys(answers).toSorted()).toEqual(['200 WELCOME10', '409 promo_already_used']);
  }, 120_000);
});
