import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { createPaymentClient, newKey } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

eachDatabase((engine) => {
  const open = async () => {
    const slice = await openPayments(engine);
    return { ...slice, client: await createPaymentClient(slice.app) };
  };

  describe('a payment', () => {
    it('is charged once, whatever is repeated, and booked', async () => {
      const { client, small } = await open();
      const made = await client.pay('cart-1', '19.99');
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({
        order_id: 'cart-1',
        status: 'requires_payment_method',
        amount: '19.99',
      });
      const id = made.headers.get('location')?.split('/').at(-1) ?? '';
      const key = newKey();
      const paid = await client.confirm(id, 'pm_card_visa', key);
      expect(paid.status).toBe(200);
      expect(paid.body).toMatchObject({ status: 'succeeded', captured: '19.99', refunded: '0.00' });
      const again = await client.confirm(id, 'pm_card_visa', key);
      expect(again.text).toBe(paid.text);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect((await client.confirm(id)).body).toMatchObject({ code: 'payment_succeeded' });
      expect((await client.cancel(id)).body).toMatchObject({ code: 'payment_succeeded' });
      expect((await client.pay('cart-1')).body).toMatchObject({ code: 'payment_exists' });
      const charged = await small.db.selectFrom('provider_intents').selectAll().execute();
      expect(charged).toHaveLength(1);
      expect(await client.verify()).toEqual({ ok: true, entries: 2, sum: { USD: '0.00' }, unmatched: [] });
    });

    it('can be tried again after a decline, and a repeat of the declined request stays declined', async () => {
      const { client } = await open();
      const id = await client.begin('cart-2');
      const key = newKey();
      const declined = await client.confirm(id, 'pm_card_visa_chargeDeclined', key);
      expect(declined.status).toBe(402);
      expect(declined.body).toMatchObject({ code: 'payment_declined', decline_code: 'generic_decline' });
      expect((await client.confirm(id, 'pm_unknown')).body).toMatchObject({
        decline_code: 'invalid_payment_method',
      });
      expect((await client.confirm(id)).status).toBe(200);
      expect((await client.confirm(id, 'pm_card_visa_chargeDeclined', key)).status).toBe(402);
      const small = await client.confirm(await client.begin('cart-16', '0.01'));
      expect([small.status, small.body]).toMatchObject([402, { decline_code: 'amount_too_small' }]);
    });

    it('waits for the shopper to authenticate, and can then succeed, fail or be canceled', async () => {
      const { client, small, reconciler, advance } = await open();
      const authenticate = async (id: string, outcome: string) => {
        const { provider_ref } = await client.read(id);
        await fetch(`${small.url}/control/authenticate/${provider_ref}?outcome=${outcome}`, {
          method: 'POST',
        });
        advance(60_000);
        await reconciler.settleDue();
        return (await client.read(id)).status;
      };
      const begin = async (reference: string) => {
        const id = await client.begin(reference);
        const answer = await client.confirm(id, 'pm_card_authenticationRequired');
        expect([answer.status, answer.body]).toMatchObject([200, { status: 'requires_action' }]);
        return id;
      };
      expect(await authenticate(await begin('cart-3'), 'success')).toBe('succeeded');
      expect(await authenticate(await begin('cart-4'), 'failure')).toBe('requires_payment_method');
      const third = await begin('cart-5');
      expect((await client.cancel(third)).body).toMatchObject({ status: 'canceled' });
      expect((await client.cancel(third)).status).toBe(200);
      expect((await client.pay('cart-5')).status).toBe(201);
    });

    it('is canceled without the provider if it never got there', async () => {
      const { client, small } = await open();
      const id = await client.begin('cart-6');
      expect((await client.cancel(id)).body).toMatchObject({ status: 'canceled', provider_ref: null });
      expect((await client.confirm(id)).body).toMatchObject({ code: 'payment_canceled' });
      expect(await small.db.selectFrom('provider_intents').selectAll().execute()).toEqual([]);
    });

    it('is one for each reference, and has one attempt under way, whoever is first', async () => {
      const { client, small } = await open();
      const made = await Promise.all(Array.from({ length: 5 }, () => client.pay('cart-15')));
      expect(made.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409]);
      const id =
        made
          .find(({ status }) => status === 201)
          ?.headers.get('location')
          ?.split('/')
          .at(-1) ?? '';
      const key = newKey();
      const keys = [key, key, key, newKey(), newKey()];
      const answers = await Promise.all(keys.map((each) => client.confirm(id, 'pm_card_visa', each)));
      expect(answers.filter(({ status }) => ![200, 202, 409].includes(status))).toEqual([]);
      expect((await client.read(id)).status).toBe('succeeded');
      const intents = await small.db.selectFrom('provider_intents').selectAll().execute();
      expect(intents.filter(({ body }) => JSON.parse(body).amount_received > 0)).toHaveLength(1);
    });

    it('is not shown to other shoppers', async () => {
      const { client } = await open();
      const id = await client.begin('cart-7');
      const bob = { 'X-User-Id': '2' };
      expect((await client.request('GET', `/payments/${id}`, { headers: bob })).status).toBe(404);
      expect((await client.request('POST', `/payments/${id}/cancel`, { headers: bob })).status).toBe(404);
      const theft = { headers: { ...bob, 'Idempotency-Key': 'x' }, json: { payment_method: 'pm_card_visa' } };
      expect((await client.request('POST', `/payments/${id}/confirm`, theft)).status).toBe(404);
    });

    it('refuses amounts that nobody can pay, and currencies that are not accepted', async () => {
      const { client } = await open();
      const refusals = [
        ['-1.00', 'USD', 'invalid_amount'],
        ['0.00', 'USD', 'invalid_amount'],
        ['1.005', 'USD', 'invalid_amount'],
        ['10.5', 'JPY', 'invalid_amount'],
        ['1000000.00', 'USD', 'invalid_amount'],
        ['10.00', 'CHF', 'currency_not_accepted'],
        ['10.00', 'XXX', 'currency_not_accepted'],
      ] as const;
      for (const [amount, currency, code] of refusals) {
        const refused = await client.pay('cart-8', amount, currency);
        expect([refused.status, refused.body]).toMatchObject([422, { code }]);
      }
      expect((await client.pay('cart-8', '1e2')).status).toBe(400);
    });
  });

  describe('an unknown outcome', () => {
    it.each(['error_after', 'cut_after', 'unavailable'] as const)(
      'is 202, and settled by asking: %s',
      async (fault) => {
        const { client, small, reconciler, advance } = await open();
        const id = await client.begin('cart-9');
        small.setFaults({ [fault]: 100 });
        const key = newKey();
        const unknown = await client.confirm(id, 'pm_card_visa', key);
        expect([unknown.status, unknown.body]).toMatchObject([
          202,
          { status: 'processing', captured: '0.00' },
        ]);
        expect((await client.cancel(id)).body).toMatchObject({ code: 'payment_processing' });
        small.setFaults({});
        advance(60_000);
        // The circuit is open for a second after so many failures.
        await expect
          .poll(
            async () => {
              advance(60_000);
              await reconciler.settleDue();
              return (await client.read(id)).status;
            },
            { timeout: 5000 },
          )
          .toBe('succeeded');
        expect((await client.confirm(id, 'pm_card_visa', key)).status).toBe(200);
        const intents = await small.db.selectFrom('provider_intents').selectAll().execute();
        expect(intents.filter(({ body }) => JSON.parse(body).status === 'succeeded')).toHaveLength(1);
        expect(await client.verify()).toMatchObject({ ok: true, entries: 2 });
      },
    );

    it('is given up in the end: the payment is canceled at the provider', async () => {
      const { client, small, reconciler, advance, payments, db } = await open();
      const id = await client.begin('cart-10');
      await client.confirm(id, 'pm_card_visa_chargeDeclined');
      await db
        .transaction()
        .execute((trx) =>
          payments.begin(trx.withTables(), id, { kind: 'confirm', paymentMethod: 'pm_card_visa' }),
        );
      advance(3_600_000);
      await reconciler.settleDue();
      expect((await client.read(id)).status).toBe('canceled');
      expect(small.eventsUnderWay()).toBeGreaterThanOrEqual(0);
    });
  });

  describe('refunds', () => {
    it('never pass what was captured, and are carried out once for each key', async () => {
      const { client, small } = await open();
      const id = await client.paid('cart-11');
      const key = newKey();
      const first = await client.refund(id, '60.00', key);
      expect([first.status, first.body]).toMatchObject([
        201,
        { status: 'succeeded', amount: { amount: '60.00' } },
      ]);
      expect((await client.refund(id, '60.00', key)).text).toBe(first.text);
      expect((await client.refund(id, '60.00')).body).toMatchObject({
        code: 'refund_exceeds_captured',
        left: { amount: '40.00', currency: 'USD' },
      });
      expect((await client.refund(id)).body).toMatchObject({ amount: { amount: '40.00' } });
      expect((await client.refund(id)).body).toMatchObject({ code: 'refund_exceeds_captured' });
      const { refunded } = await small.db
        .selectFrom('provider_intents')
        .select('refunded')
        .executeTakeFirstOrThrow();
      expect(refunded).toBe(10_000);
      expect(await client.verify()).toEqual({ ok: true, entries: 6, sum: { USD: '0.00' }, unmatched: [] });
    });

    it('refuse amounts that cannot be, currencies that were not paid, and payments without a capture', async () => {
      const { client } = await open();
      const id = await client.paid('cart-12');
      for (const amount of ['-1.00', '0.00', '0.001'])
        expect((await client.refund(id, amount)).body).toMatchObject({ code: 'invalid_amount' });
      expect((await client.refund(id, '1.00', newKey(), 'EUR')).body).toMatchObject({
        code: 'currency_not_accepted',
      });
      expect((await client.refund(await client.begin('cart-13'))).body).toMatchObject({
        code: 'payment_not_captured',
      });
      expect((await client.refund('nothing')).status).toBe(404);
    });

    it('stay pending while the outcome is unknown, and are settled by asking', async () => {
      const { client, small, reconciler, advance } = await open();
      const id = await client.paid('cart-14');
      small.setFaults({ cut_after: 100 });
      expect((await client.refund(id, '60.00')).body).toMatchObject({ status: 'pending' });
      expect((await client.refund(id, '60.00')).body).toMatchObject({ code: 'refund_exceeds_captured' });
      small.setFaults({});
      await expect
        .poll(
          async () => {
            advance(60_000);
            await reconciler.settleDue();
            return client.verify();
          },
          { timeout: 5000 },
        )
        .toMatchObject({ ok: true, entries: 4 });
    });
  });
});
