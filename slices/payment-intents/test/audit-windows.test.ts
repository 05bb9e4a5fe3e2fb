import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { createProviderAudit } from '../src/reconciler/provider-audit.ts';
import { createPaymentClient } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

const MINUTE_MS = 60_000;
const PAYMENTS = 250;
const ALL_PAGES = 3;

eachDatabase((engine) => {
  /** Payments that were made two hours ago, more than fit on two pages of the provider's list. */
  const open = async () => {
    const slice = await openPayments(engine);
    const { small, provider, reconciler, advance } = slice;
    const client = await createPaymentClient(slice.app);
    let keys = 0;
    const make = () => {
      keys += 1;
      return provider.create({ paymentId: 'x', amount: 50, currency: 'USD', key: `key-${keys}` });
    };
    for (let count = 0; count < PAYMENTS; count += 1) await make();
    advance(120 * MINUTE_MS);
    /** Compares when it is time; resolves with how many pages of its list the provider was asked for. */
    const compareAfter = async (minutes: number): Promise<number> => {
      advance(minutes * MINUTE_MS);
      small.requests.length = 0;
      await reconciler.auditWhenDue();
      return small.requests.filter((line) => line === 'GET /v1/payment_intents').length;
    };
    /** Money that the provider took so long ago, by its own word, for a payment that we do not know. */
    const plant = async (minutesAgo: number): Promise<string> => {
      advance(-minutesAgo * MINUTE_MS);
      const { ref } = await make();
      await provider.confirm(ref, 'pm_card_visa', `confirm ${ref}`);
      advance(minutesAgo * MINUTE_MS);
      return ref;
    };
    const found = async (): Promise<string[]> => {
      const rows = await slice.db.selectFrom('payment_disagreements').select('provider_ref').execute();
      return rows.map(({ provider_ref }) => provider_ref);
    };
    return { ...slice, client, compareAfter, plant, found };
  };

  it('asks for the whole window at first and once an hour, and for what is new in between', async () => {
    const { compareAfter } = await open();
    expect(await compareAfter(0)).toBe(ALL_PAGES);
    expect(await compareAfter(0.5)).toBe(0);
    for (let minute = 1; minute < 60; minute += 1) expect(await compareAfter(1)).toBe(1);
    expect(await compareAfter(1)).toBe(ALL_PAGES);
    expect(await compareAfter(1)).toBe(1);
  });

  it('finds a charge at once that the provider dates up to 15 minutes back, and an older one within the hour', async () => {
    const { compareAfter, plant, found } = await open();
    await compareAfter(0);
    const recent = await plant(14);
    const old = await plant(90);
    expect(await compareAfter(1)).toBe(1);
    expect(await found()).toEqual([recent]);
    for (const minutes of [30, 20, 8]) await compareAfter(minutes);
    // Too old to be looked at again, and not forgotten.
    expect(await found()).toEqual([recent]);
    expect(await compareAfter(1)).toBe(ALL_PAGES);
    expect((await found()).toSorted()).toEqual([recent, old].toSorted());
  });

  it('takes what is resolved off the list', async () => {
    const { compareAfter, client, found, db } = await open();
    const id = await client.paid('cart-1');
    await compareAfter(1);
    const wrong = { captured: 5000, refunded: 0 };
    await db.updateTable('payments').set(wrong).where('id', '=', id).execute();
    await compareAfter(1);
    expect(await found()).toEqual([(await client.read(id)).provider_ref]);
    await db.updateTable('payments').set({ captured: 10_000 }).where('id', '=', id).execute();
    expect(await compareAfter(1)).toBe(1);
    expect(await found()).toEqual([]);
  });

  it('looks as far back as its last success, after a comparison that failed', async () => {
    const { compareAfter, plant, found, small, advance } = await open();
    await compareAfter(0);
    const stranger = await plant(0);
    small.setFaults({ unavailable: 100 });
    await expect(compareAfter(30)).rejects.toThrow();
    small.setFaults({});
    advance(MINUTE_MS);
    await expect.poll(() => compareAfter(1).catch(() => 'the circuit is open'), { timeout: 5000 }).toBe(1);
    expect(await found()).toEqual([stranger]);
  });

  it('does not miss a payment at the provider that was made while the list was read', async () => {
    const { client, db, payments, provider, now } = await open();
    const list: typeof provider.list = async function* (since) {
      yield* provider.list(since);
      await client.paid('cart-1');
    };
    const metrics = { countPayment: () => {}, countEvent: () => {}, countReconciliation: () => {} };
    const audit = createProviderAudit({ db, payments, provider: { ...provider, list }, metrics, now });
    expect(await audit(new Date(0))).toBe(0);
  });
});
