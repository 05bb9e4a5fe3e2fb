import { setTimeout as wait } from 'node:timers/promises';
import {
  createSeededRandom,
  type DatabaseEngine,
  eachDatabase,
  onDatabase,
  startServerProcess,
} from '@lab/testing';
import { expect, it, vi } from 'vitest';
import { checkLedger, type PayingTables } from '../src/index.ts';
import type { ProviderFaults } from '../src/small-provider/provider-faults.ts';
import type { SmallProvider } from '../src/small-provider/small-provider.ts';
import { createShopper } from './payment-shopper.ts';
import { openProvider, SECRET, sliceOn } from './payments-app.ts';

const isFull = process.env.FULL_PROOF === '1';
const PAYMENTS = isFull ? 2000 : 16;
const KILLS = isFull ? 50 : 1;
const LONGEST_LIFE_MS = isFull ? 4000 : 1000;
const SHOPPERS = isFull ? 32 : 8;
const SHIPPED = new URL('../src/server.ts', import.meta.url);
const PLANTED = new URL('planted-server.ts', import.meta.url);
const FAULTS = {
  slow: 20,
  delay_ms: 300,
  unavailable: 20,
  error_after: 20,
  cut_after: 20,
  duplicate: 20,
  reorder: 20,
  lost: 20,
};

interface Launch {
  readonly payments: number;
  readonly kills: number;
  readonly faults: Partial<ProviderFaults>;
  readonly refundShare: number;
  readonly bug?: string;
}

const startServer = async (databaseUrl: string, provider: SmallProvider, bug: string | undefined) => {
  const server = await startServerProcess(bug === undefined ? SHIPPED : PLANTED, {
    args: [bug ?? ''],
    env: {
      DATABASE_URL: databaseUrl,
      PAYMENT_PROVIDER_URL: provider.url,
      PAYMENT_WEBHOOK_SECRETS: SECRET,
      PAYMENT_ATTEMPT_TIMEOUT_MS: '200',
      PAYMENT_DEADLINE_MS: '700',
      PAYMENT_CHECK_AFTER_MS: '700',
      PAYMENT_RECONCILE_INTERVAL_MS: '100',
      PAYMENT_AUDIT_INTERVAL_MS: '1000',
      PAYMENT_LEASE_MS: '800',
    },
  });
  provider.sendEventsTo(`${server.url}/webhooks/payments`);
  return server;
};

/** Shoppers buy while the provider misbehaves and the server is killed. Resolves when nothing is open any more. */
const storm = async (engine: DatabaseEngine, { payments, kills, faults, refundShare, bug }: Launch) => {
  const { db, url } = await engine.open<PayingTables>();
  const provider = await openProvider(4217);
  const random = createSeededRandom(4217);
  const surprises: string[] = [];
  let server = await startServer(url, provider, bug);
  provider.setFaults(faults);
  const shopper = createShopper({
    url: () => server.url,
    providerUrl: provider.url,
    random,
    refundShare,
    onSurprise: (surprise) => surprises.push(surprise),
  });
  const queue = Array.from({ length: payments }, (_, index) => `cart-${index}`).values();
  const work = async (): Promise<void> => {
    for (const reference of queue) await shopper.buy(reference);
  };
  let isDone = false;
  const buying = Promise.all(Array.from({ length: SHOPPERS }, work)).then(() => {
    isDone = true;
  });
  let killed = 0;
  for (; killed < kills && !isDone; killed += 1) {
    await wait(200 + random() * LONGEST_LIFE_MS);
    await server.kill();
    server = await startServer(url, provider, bug);
  }
  await buying;
  provider.setFaults({});
  const isOpen = async (): Promise<boolean> =>
    (await db
      .selectFrom('payments')
      .select('id')
      .where('status', 'in', ['processing', 'requires_action'])
      .executeTakeFirst()) !== undefined ||
    (await db
      .selectFrom('payment_refunds')
      .select('id')
      .where('status', '=', 'pending')
      .executeTakeFirst()) !== undefined;
  await vi.waitUntil(async () => !(await isOpen()), { timeout: 90_000, interval: 100 });
  await server.kill();
  const { audit } = sliceOn(db, provider.url);
  await audit(new Date(Date.now() - 86_400_000), { quietMs: 0 });
  const rows = await db.selectFrom('payments').selectAll().execute();
  const intents = await provider.db.selectFrom('provider_intents').selectAll().execute();
  return { surprises, killed, rows, ledger: await checkLedger(db), ...compare(rows, intents) };
};

interface Ours {
  readonly id: string;
  readonly captured: number;
  readonly refunded: number;
}

/** What the two sides have for each of our payments. */
const compare = (
  rows: readonly Ours[],
  intents: readonly { readonly body: string; readonly refunded: number }[],
) => {
  const theirs = new Map<string, { charges: number; received: number; refunded: number }>();
  for (const { body, refunded } of intents) {
    const { metadata, amount_received: received } = JSON.parse(body);
    const known = theirs.get(metadata.payment_id) ?? { charges: 0, received: 0, refunded: 0 };
    known.charges += Number(received > 0);
    known.received += received;
    known.refunded += refunded;
    theirs.set(metadata.payment_id, known);
  }
  const differing = rows.filter(({ id, captured, refunded }) => {
    const known = theirs.get(id) ?? { charges: 0, received: 0, refunded: 0 };
    return known.received !== captured || known.refunded !== refunded;
  });
  return {
    twice: [...theirs.values()].filter(({ charges }) => charges > 1).length,
    differing: differing.length,
  };
};

eachDatabase((engine) => {
  it(`charges each of ${PAYMENTS} payments once over a provider that fails, kills: ${KILLS}`, async () => {
    const { surprises, killed, rows, ledger, twice, differing } = await storm(engine, {
      payments: PAYMENTS,
      kills: KILLS,
      faults: FAULTS,
      refundShare: 0.3,
    });
    expect(surprises).toEqual([]);
    expect(rows).toHaveLength(PAYMENTS);
    expect(rows.filter(({ status, captured }) => status !== 'succeeded' || captured !== 10_000)).toEqual([]);
    expect(rows.filter(({ refunded }) => refunded !== 0 && refunded !== 6000)).toEqual([]);
    expect({ twice, differing }).toEqual({ twice: 0, differing: 0 });
    expect(ledger).toMatchObject({ ok: true, sum: { USD: '0.00' }, unmatched: [] });
    if (isFull) console.log(`${engine.name}: ${rows.length} payments over ${killed} kills`);
  }, 1_500_000);
});

onDatabase('sqlite', (engine) => {
  it.each([
    ['charges without a key', 'twice', 0],
    ['refunds without a key', 'differing', 1],
  ] as const)(
    '(detector) sees that a server %s',
    async (bug, count, refundShare) => {
      const plan = { payments: 4, kills: 0, faults: {}, refundShare, bug };
      expect((await storm(engine, plan))[count]).toBeGreaterThan(0);
    },
    120_000,
  );
});
