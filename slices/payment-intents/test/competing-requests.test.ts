import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { createPaymentClient, newKey } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

const ROUNDS = process.env.FULL_PROOF === '1' ? 200 : 12;
const METHODS = ['pm_card_visa', 'pm_card_visa_chargeDeclined', 'pm_card_authenticationRequired'];

eachDatabase((engine) => {
  const open = async () => {
    const slice = await openPayments(engine);
    return { ...slice, client: await createPaymentClient(slice.app) };
  };

  it('leave one charge or none, whoever confirms, cancels and refunds at once, over a provider that fails', async () => {
    const { client, small, db, reconciler, advance, audit } = await open();
    const statuses = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      small.setFaults(round % 2 === 0 ? {} : { cut_after: 20, error_after: 20, unavailable: 10 });
      const id = await client.begin(`cart-${round}`);
      const method = METHODS[round % METHODS.length] ?? '';
      const key = newKey();
      const confirmed = [key, key, newKey()].map((each) => client.confirm(id, method, each));
      // In every other round, once the attempt is on record.
      if (round % 4 < 2) await confirmed[0];
      const others = [client.cancel(id), client.cancel(id), client.confirm(id), client.refund(id, '60.00')];
      const refundKey = newKey();
      const refunds = [refundKey, refundKey, newKey()].map((each) => client.refund(id, '60.00', each));
      for (const { status } of await Promise.all([...confirmed, ...others, ...refunds])) statuses.add(status);
    }
    small.setFaults({});
    const isUnderWay = () =>
      db.selectFrom('payments').select('id').where('status', '=', 'processing').executeTakeFirst();
    await expect
      .poll(
        async () => {
          advance(60_000);
          await reconciler.settleDue();
          return isUnderWay();
        },
        { timeout: 10_000 },
      )
      .toBeUndefined();
    expect([...statuses].filter((status) => ![200, 201, 202, 402, 409].includes(status))).toEqual([]);
    expect(await audit(new Date(0), { quietMs: -86_400_000 })).toBe(0);
    expect(await client.verify()).toMatchObject({ ok: true, unmatched: [] });
    const intents = await small.db.selectFrom('provider_intents').select('body').execute();
    const charged = intents
      .map(({ body }) => JSON.parse(body))
      .filter(({ amount_received }) => amount_received > 0);
    expect(new Set(charged.map(({ metadata }) => metadata.payment_id)).size).toBe(charged.length);
    const ends = await db.selectFrom('payments').select('status').distinct().execute();
    expect(ends.map(({ status }) => status)).toEqual(expect.arrayContaining(['succeeded', 'canceled']));
  }, 120_000);

  it('about an earlier confirmation are answered with 202 while a later one is under way', async () => {
    const { client, small } = await open();
    const id = await client.begin('cart-1');
    const key = newKey();
    const first = await client.confirm(id, 'pm_card_authenticationRequired', key);
    expect([first.status, first.body]).toMatchObject([200, { status: 'requires_action' }]);
    small.setFaults({ cut_after: 100 });
    await client.confirm(id);
    const again = await client.confirm(id, 'pm_card_authenticationRequired', key);
    expect([again.status, again.body]).toMatchObject([202, { status: 'processing' }]);
    expect(again.headers.get('payment-attempt')).toBe('1');
  });

  it('cannot use the key of another payment', async () => {
    const { client } = await open();
    const [one, other] = [await client.begin('cart-1'), await client.begin('cart-2')];
    const key = newKey();
    await client.confirm(one, 'pm_card_visa', key);
    expect((await client.confirm(other, 'pm_card_visa', key)).body).toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect((await client.read(other)).status).toBe('requires_payment_method');
    await client.confirm(other);
    const refundKey = newKey();
    await client.refund(one, '1.00', refundKey);
    expect((await client.refund(other, '1.00', refundKey)).body).toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});
