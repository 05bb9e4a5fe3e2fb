import { transact } from '@lab/shared/database';
import { eachDatabase, startServerProcess } from '@lab/testing';
import { expect, it } from 'vitest';
import { checkLedger } from '../src/index.ts';
import { clientOfUrl, createPaymentClient } from './payment-client.ts';
import { openPayments, openProvider } from './payments-app.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
const ROUNDS = process.env.FULL_PROOF === '1' ? 200 : 4;

eachDatabase((engine) => {
  it(`lets one of two refunds of 60 on 100 through, in two processes, ${ROUNDS} rounds`, async () => {
    const { url } = await engine.open();
    const small = await openProvider();
    const env = { DATABASE_URL: url, PAYMENT_PROVIDER_URL: small.url };
    const start = async () => clientOfUrl((await startServerProcess(SERVER, { env })).url);
    const [one, other] = await Promise.all([start(), start()]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await one.paid(`cart-${round}`);
      const answers = await Promise.all([one.refund(id, '60.00'), other.refund(id, '60.00')]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
        code: 'refund_exceeds_captured',
        left: { amount: '40.00' },
      });
    }
    const refunded = await small.db.selectFrom('provider_intents').select('refunded').distinct().execute();
    expect(refunded).toEqual([{ refunded: 6000 }]);
    expect(await other.verify()).toMatchObject({ ok: true, entries: 4 * ROUNDS, sum: { USD: '0.00' } });
  }, 120_000);

  it('(detector) sees a refund that looks first and acts later', async () => {
    const { app, db } = await openPayments(engine);
    const client = await createPaymentClient(app);
    const id = await client.paid('cart-1');
    const look = async (): Promise<number> => {
      const payment = await db
        .selectFrom('payments')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return payment.captured - payment.refunded;
    };
    const act = (refund: string, left: number): Promise<void> =>
      transact(db, async (trx) => {
        await trx
          .updateTable('payments')
          .set({ refunded: 10_000 - left + 6000 })
          .where('id', '=', id)
          .execute();
        await trx
          .insertInto('payment_refunds')
          .values({
            id: refund,
            payment_id: id,
            amount: 6000,
            status: 'pending',
            provider_ref: null,
            check_at: null,
            created_at: 0,
            updated_at: 0,
          })
          .execute();
      });
    const [first, second] = await Promise.all([look(), look()]);
    await Promise.all([act('a', first), act('b', second)]);
    expect(await checkLedger(db)).toMatchObject({
      ok: false,
      unmatched: [{ id, what: 'the ledger has another amount' }],
    });
  });

  it('the ledger refuses to be changed', async () => {
    const { app, db } = await openPayments(engine);
    await (await createPaymentClient(app)).paid('cart-1');
    const all = {
      ledger: db.updateTable('payment_ledger').set({ amount: 1 }),
      gone: db.deleteFrom('payment_ledger'),
    };
    await expect(all.ledger.execute()).rejects.toThrow('append-only');
    await expect(all.gone.execute()).rejects.toThrow('append-only');
  });
});
