import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { createCarryOut } from '../src/provider/carry-out.ts';
import { takeLease } from '../src/reconciler/lease.ts';
import { createPaymentClient, newKey } from './payment-client.ts';
import { openPayments, sliceOn } from './payments-app.ts';

const DAY_MS = 86_400_000;

eachDatabase((engine) => {
  const open = async () => {
    const slice = await openPayments(engine);
    const client = await createPaymentClient(slice.app);
    const compare = () => slice.audit(new Date(Date.now() - DAY_MS), { quietMs: -DAY_MS });
    return { ...slice, client, compare };
  };

  describe('the comparison with the provider', () => {
    it('finds nothing where both sides agree, with all pages of the list', async () => {
      const { client, small, provider, compare } = await open();
      await client.paid('cart-1');
      const canceled = await client.begin('cart-2');
      await client.confirm(canceled, 'pm_card_visa_chargeDeclined');
      await client.cancel(canceled);
      for (let count = 0; count < 100; count += 1)
        await provider.create({ paymentId: 'x', amount: 50, currency: 'USD', key: `k${count}` });
      expect(await compare()).toBe(0);
      expect(await client.verify()).toMatchObject({ ok: true });
      expect(await small.db.selectFrom('provider_intents').select('id').execute()).toHaveLength(102);
    });

    it('finds money that was taken or given back behind our back, until it is resolved', async () => {
      const { client, provider, compare, db } = await open();
      const id = await client.paid('cart-1');
      const { provider_ref: ref } = await client.read(id);
      await provider.refund({ ref: ref ?? '', amount: 1000, refundId: 'by hand' });
      const { ref: stranger } = await provider.create({
        paymentId: 'x',
        amount: 50,
        currency: 'USD',
        key: 'k',
      });
      await provider.confirm(stranger, 'pm_card_visa', 'l');
      expect(await compare()).toBe(2);
      const { unmatched, ok } = Object(await client.verify());
      expect(ok).toBe(false);
      expect(unmatched).toEqual(
        expect.arrayContaining([
          { id: ref, what: 'the provider has refunded another amount' },
          { id: stranger, what: 'the provider was paid for a payment that we do not know' },
        ]),
      );
      await db.updateTable('payments').set({ provider_ref: 'pi_nowhere', created_at: Date.now() }).execute();
      await compare();
      expect(await client.verify()).toMatchObject({
        unmatched: expect.arrayContaining([
          { id: 'pi_nowhere', what: 'the provider does not know this payment' },
        ]),
      });
    });

    it('settles what only the provider knows', async () => {
      const { client, provider, compare } = await open();
      const id = await client.begin('cart-1');
      await client.confirm(id, 'pm_card_authenticationRequired');
      const { provider_ref: ref } = await client.read(id);
      await provider.confirm(ref ?? '', 'pm_card_visa', 'by hand');
      expect(await compare()).toBe(0);
      expect(await client.read(id)).toMatchObject({ status: 'succeeded' });
      expect(await client.verify()).toMatchObject({ ok: true, entries: 2 });
    });
  });

  describe('what a process that died has left', () => {
    it('is settled by another one, before and after the call to the provider', async () => {
      const { client, db, payments, provider, small } = await open();
      const ids = await Promise.all(['a', 'b', 'c'].map((reference) => client.begin(reference)));
      const [, called = '', charged = ''] = ids;
      const confirm = { kind: 'confirm', paymentMethod: 'pm_card_visa' } as const;
      for (const id of ids)
        await db.transaction().execute((trx) => payments.begin(trx.withTables(), id, confirm));
      const make = (id: string) =>
        provider.create({ paymentId: id, amount: 10_000, currency: 'USD', key: `create:${id}:1` });
      await make(called);
      const { ref } = await make(charged);
      await payments.keepRef(db, charged, ref);
      await provider.confirm(ref, 'pm_card_visa', `${charged}:1`);
      const later = () => new Date(Date.now() + 60_000);
      await sliceOn(db, small.url, { seed: 2, now: later }).reconciler.settleDue();
      for (const id of ids) expect(await client.read(id)).toMatchObject({ status: 'succeeded' });
      expect(await small.db.selectFrom('provider_intents').select('id').execute()).toHaveLength(3);
      expect(await client.verify()).toMatchObject({ ok: true, entries: 6 });
    });

    it('charges nobody if that process was only stopped, and goes on after the payment was given up', async () => {
      const { client, db, payments, refunds, provider, small, reconciler, advance } = await open();
      const id = await client.begin('cart-1');
      const confirm = { kind: 'confirm', paymentMethod: 'pm_card_visa' } as const;
      await db.transaction().execute((trx) => payments.begin(trx.withTables(), id, confirm));
      const begun = await payments.find(db, id);
      const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
      const create: typeof provider.create = (wanted) => goesOn.then(() => provider.create(wanted));
      const metrics = { countPayment: () => {}, countEvent: () => {}, countReconciliation: () => {} };
      const stopped = createCarryOut({ db, payments, refunds, provider: { ...provider, create }, metrics });
      const late = begun && stopped.carryOut(begun);
      advance(3_600_000);
      await reconciler.settleDue();
      expect(await client.read(id)).toMatchObject({ status: 'canceled' });
      goOn();
      await late;
      const intents = await small.db.selectFrom('provider_intents').select('body').execute();
      expect(intents.map(({ body }) => JSON.parse(body).amount_received)).toEqual([0, 0]);
      expect(await client.read(id)).toMatchObject({ status: 'canceled' });
    });

    it('is canceled even if the provider would never have taken the amount', async () => {
      const { client, small, reconciler, advance } = await open();
      const id = await client.begin('cart-1', '0.01');
      small.setFaults({ unavailable: 100 });
      expect((await client.confirm(id)).status).toBe(202);
      small.setFaults({});
      advance(3_600_000);
      await expect
        .poll(
          async () => {
            advance(60_000);
            await reconciler.settleDue();
            return (await client.read(id)).status;
          },
          { timeout: 5000 },
        )
        .toBe('canceled');
      const declined = await client.begin('cart-2', '0.01');
      expect((await client.confirm(declined)).status).toBe(402);
      expect((await client.cancel(declined)).body).toMatchObject({ status: 'canceled' });
    });

    it('is a refund that was made, among more than fit on a page of the provider', async () => {
      const { client, db, small, provider, reconciler, advance } = await open();
      const id = await client.paid('cart-1');
      small.setFaults({ cut_after: 100 });
      expect((await client.refund(id, '1.00')).body).toMatchObject({ status: 'pending' });
      small.setFaults({});
      const { provider_ref: ref } = await client.read(id);
      for (let count = 0; count < 100; count += 1)
        await provider.refund({ ref: ref ?? '', amount: 1, refundId: `by hand ${count}` });
      advance(60_000);
      small.requests.length = 0;
      await reconciler.settleDue();
      expect(small.requests).toEqual(['GET /v1/refunds', 'GET /v1/refunds']);
      const refund = await db.selectFrom('payment_refunds').select('status').executeTakeFirstOrThrow();
      expect(refund.status).toBe('succeeded');
    });

    it('is left alone while another process has the lease', async () => {
      const { db, reconciler, client, advance, small, now } = await open();
      const id = await client.paid('cart-1');
      small.setFaults({ unavailable: 100 });
      await client.refund(id, '1.00', newKey());
      small.setFaults({});
      advance(60_000);
      const lease = { name: 'payment-reconciler', holder: 'another', ttlMs: 15_000 };
      expect(await takeLease(db, { ...lease, now: now() })).toBe(true);
      expect(await reconciler.settleDue()).toBe(0);
      advance(15_000);
      expect(await reconciler.settleDue()).toBeGreaterThan(0);
      expect(await takeLease(db, { ...lease, now: now() })).toBe(false);
    });
  });
});
