import type { Executor } from '@lab/shared/database';
import { createSeededRandom, eachDatabase } from '@lab/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PaymentTables } from '../src/payment-tables.ts';
import { signatureOf } from '../src/small-provider/webhook-sender.ts';
import { createInbox, type Inbox, UnknownObjectError } from '../src/webhooks/webhook-inbox.ts';
import { createPaymentClient } from './payment-client.ts';
import { openPayments, SECRET } from './payments-app.ts';

const now = () => new Date();

/** Marks the event first, and does its work afterwards: the bug that must be found. */
const markedFirst = (db: Executor<PaymentTables>): Inbox => ({
  take: async ({ id, type }, work) => {
    const first = await db
      .insertInto('webhook_events')
      .values({ id, type, outcome: 'ignored', received_at: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return first ? db.transaction().execute(work) : 'repeat';
  },
});

const COPIES = 8;

/** Does the work first, and marks the event afterwards. All copies look before the first one is marked. */
const markedLast = (db: Executor<PaymentTables>): Inbox => {
  let looked = 0;
  const { promise: allLooked, resolve } = Promise.withResolvers<void>();
  const take: Inbox['take'] = async ({ id, type }, work) => {
    const known = await db.selectFrom('webhook_events').select('id').where('id', '=', id).executeTakeFirst();
    if (known) return 'repeat';
    if (id === 'evt_b') {
      looked += 1;
      if (looked === COPIES) resolve();
      await allLooked;
    }
    const effect = await db.transaction().execute(work);
    await db
      .insertInto('webhook_events')
      .values({ id, type, outcome: effect, received_at: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return effect;
  };
  return { take };
};

eachDatabase((engine) => {
  const open = async () => {
    const slice = await openPayments(engine);
    const client = await createPaymentClient(slice.app);
    const send = (event: unknown, { secret = SECRET, at = now() } = {}) => {
      const text = typeof event === 'string' ? event : JSON.stringify(event);
      const headers = {
        'Content-Type': 'application/json',
        'Stripe-Signature': signatureOf(text, secret, at),
      };
      return client.request('POST', '/webhooks/payments', { headers, text });
    };
    return { ...slice, client, send };
  };

  let events = 0;
  const eventOf = (type: string, ref: string, key: string | null = null, details: object = {}) => {
    events += 1;
    return {
      id: `evt_${events}`,
      type,
      created: 1,
      request: { idempotency_key: key },
      data: { object: { object: 'payment_intent', id: ref, ...details } },
    };
  };

  describe('an event', () => {
    it('has its effect once, and an older one has none', async () => {
      const { client, send, small, db } = await open();
      const id = await client.begin('cart-1');
      small.setFaults({ cut_after: 100 });
      await client.confirm(id);
      const { provider_ref: ref } = await db
        .selectFrom('payments')
        .select('provider_ref')
        .executeTakeFirstOrThrow();
      expect(ref).toBeNull();
      small.setFaults({});
      const known = 'pi_known';
      await db.updateTable('payments').set({ provider_ref: known }).execute();
      const earlier = { last_payment_error: { code: 'card_declined', decline_code: null } };
      const paid = eventOf('payment_intent.succeeded', known, `${id}:1`, earlier);
      const [first, second] = await Promise.all([send(paid), send(paid)]);
      expect([first.body, second.body]).toEqual(
        expect.arrayContaining([{ outcome: 'applied' }, { outcome: 'repeat' }]),
      );
      const failure = { last_payment_error: { code: 'card_declined' } };
      const late = eventOf('payment_intent.payment_failed', known, `${id}:1`, failure);
      expect((await send(late)).body).toEqual({ outcome: 'stale' });
      expect((await send(eventOf('payment_intent.succeeded', known))).body).toEqual({ outcome: 'repeat' });
      expect(await client.read(id)).toMatchObject({ status: 'succeeded' });
      expect(await client.verify()).toMatchObject({ ok: true, entries: 2 });
    });

    it('about something unknown is refused until it is known, and of an unknown type is taken', async () => {
      const { send, client, db } = await open();
      const event = eventOf('payment_intent.canceled', 'pi_later');
      const refused = await send(event);
      expect([refused.status, refused.body]).toMatchObject([404, { code: 'payment_not_found' }]);
      await client.begin('cart-2');
      await db.updateTable('payments').set({ provider_ref: 'pi_later' }).execute();
      expect((await send(event)).body).toEqual({ outcome: 'applied' });
      expect((await send(eventOf('customer.created', 'cus_1'))).body).toEqual({ outcome: 'ignored' });
    });

    it('without a key only makes the reconciler ask', async () => {
      const { send, client, db, reconciler, small } = await open();
      const id = await client.begin('cart-3');
      await client.confirm(id, 'pm_card_authenticationRequired');
      const { provider_ref } = await client.read(id);
      await fetch(`${small.url}/control/authenticate/${provider_ref}?outcome=failure`, { method: 'POST' });
      expect((await send(eventOf('payment_intent.payment_failed', provider_ref ?? ''))).body).toEqual({
        outcome: 'applied',
      });
      expect(await client.read(id)).toMatchObject({ status: 'requires_action' });
      await reconciler.settleDue();
      expect(await client.read(id)).toMatchObject({ status: 'requires_payment_method' });
      const attempts = await db.selectFrom('payment_attempts').select(['outcome', 'decline_code']).execute();
      expect(attempts).toEqual([
        { outcome: 'declined', decline_code: 'payment_intent_authentication_failure' },
      ]);
    });

    it('must be signed, with any of the secrets, and not long ago', async () => {
      const { send, client } = await open();
      const event = eventOf('customer.created', 'cus_1');
      expect((await send(event, { secret: 'whsec_wrong' })).body).toMatchObject({
        code: 'invalid_signature',
      });
      expect((await send(event, { at: new Date(Date.now() - 302_000) })).status).toBe(400);
      expect((await send(event, { at: new Date(Date.now() + 8000) })).status).toBe(400);
      expect((await send(event, { secret: 'whsec_of_next_month' })).status).toBe(200);
      const headers = { 'Content-Type': 'application/json' };
      expect((await client.request('POST', '/webhooks/payments', { headers, text: '{}' })).status).toBe(400);
    });

    it('can be anything at all without harm, if it is signed', async () => {
      const { send } = await open();
      const random = createSeededRandom(4217);
      const types = ['payment_intent.succeeded', 'refund.created', 'refund.failed', 'x'];
      const near = fc.sample(fc.jsonValue(), { seed: 4217, numRuns: 60 }).map((value) => ({
        ...eventOf(types[Math.floor(random() * types.length)] ?? '', 'pi_x'),
        ...(random() < 0.5 && { data: value }),
        ...(random() < 0.2 && { request: value }),
        ...(random() < 0.2 && { id: value }),
      }));
      // No text of Postgres has a NUL.
      const refund = { object: 'refund', id: 're_1', status: 'succeeded', metadata: { refund_id: '\u0000' } };
      const nul = [
        { id: 'evt_\u0000', type: 'x', created: 1 },
        { id: 'evt_nul', type: 'x\u0000', created: 1 },
        eventOf('payment_intent.succeeded', 'pi_\u0000'),
        { ...eventOf('refund.created', ''), data: { object: refund } },
      ];
      const statuses = new Set<number>();
      for (const body of [...near, ...nul, '', '{', 'null', '[]', '"\u0000"'])
        statuses.add((await send(typeof body === 'string' ? body : body)).status);
      expect([...statuses].filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
    });
  });

  describe('the inbox', () => {
    /** Counts what becomes of an event whose first attempt fails, and of copies that come together. */
    const check = async (create: (db: Executor<PaymentTables>) => Inbox) => {
      const { db } = await openPayments(engine);
      const inbox = create(db);
      let done = 0;
      const work = async () => {
        done += 1;
        return 'applied' as const;
      };
      const unknown = () => Promise.reject(new UnknownObjectError('not yet'));
      await inbox.take({ id: 'evt_a', type: 'x' }, unknown).catch(() => undefined);
      await inbox.take({ id: 'evt_a', type: 'x' }, work);
      const afterFailure = done;
      const copies = Array.from({ length: COPIES }, () => inbox.take({ id: 'evt_b', type: 'x' }, work));
      await Promise.all(copies);
      return { afterFailure, ofCopies: done - afterFailure };
    };

    it('does the work of an event once, and again only if it failed', async () => {
      expect(await check((db) => createInbox(db, { now }))).toEqual({ afterFailure: 1, ofCopies: 1 });
    });

    it('(detector) sees an event that is marked before its effect', async () => {
      expect(await check(markedFirst)).toMatchObject({ afterFailure: 0 });
    });

    it('(detector) sees an event that is marked after its effect', async () => {
      expect((await check(markedLast)).ofCopies).toBeGreaterThan(1);
    });
  });
});
