/** Two shops, each with a database and a small provider of its own. */
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { migrate, openDatabase, transact } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { sql } from 'kysely';
import { z } from 'zod';
import { paymentSettings } from '../src/config.ts';
import {
  createPaymentSlice,
  type PayingTables,
  type Provider,
  paymentMigrations,
  startSmallProvider,
} from '../src/index.ts';
import { createProviderPolicy } from '../src/provider/provider-policy.ts';
import { createStripeProvider } from '../src/provider/stripe-provider.ts';
import { type NaiveTables, naiveEvent, naivePay, naiveRefund } from './naive-payments.ts';

const AMOUNT = 10_000;
const PART = 3000;

/** How many answers of a call are lost, although it was carried out. */
export type Lost = 'none' | 'first' | 'all';

export interface Shop {
  readonly pay: (id: string, lost: Lost) => Promise<void>;
  /** The news of an earlier decline arrive when the payment is over. */
  readonly hearLateFailure: (id: string) => Promise<void>;
  readonly refund: (id: string, lost: Lost) => Promise<void>;
  readonly isPaid: (id: string) => Promise<boolean>;
  /** In minor units: what the provider took, and gave back, for a payment. */
  readonly moved: (id: string) => Promise<{ readonly charged: number; readonly refunded: number }>;
  readonly close: () => Promise<void>;
}

export type OpenShop = () => Promise<Shop>;

const openProvider = async () => {
  const small = await startSmallProvider({ databaseUrl: 'sqlite::memory:', webhookSecret: 'whsec_none' });
  const options = { url: small.url, secretKey: 'sk_test_lab', attemptTimeoutMs: 5000 };
  const policy = createProviderPolicy({ attemptTimeoutMs: 5000, deadlineMs: 10_000 });
  const moved = async (paymentId: string) => {
    const rows = await small.db.selectFrom('provider_intents').selectAll().execute();
    const own = rows
      .map(({ body, refunded }) => ({ ...JSON.parse(body), refunded }))
      .filter(({ metadata }) => metadata.payment_id === paymentId);
    const sum = (name: string): number => own.reduce((total, one) => total + one[name], 0);
    return { charged: sum('amount_received'), refunded: sum('refunded') };
  };
  return { small, provider: createStripeProvider(options, policy), moved };
};

/** Does the work, and loses so many of the answers. */
const losing = <Args extends unknown[], Value>(work: (...args: Args) => Promise<Value>, lost: Lost) => {
  let calls = 0;
  return async (...args: Args): Promise<Value> => {
    const value = await work(...args);
    calls += 1;
    if (lost === 'all' || (lost === 'first' && calls === 1)) throw new Error('the connection was cut');
    return value;
  };
};

export const openNaiveShop: OpenShop = async () => {
  const { small, provider, moved } = await openProvider();
  const db = openDatabase<NaiveTables>('sqlite::memory:');
  await sql`create table naive_payments (id text primary key, status text not null, refunded integer not null)`.execute(
    db,
  );
  const refs = new Map<string, string>();
  const charge = async (id: string): Promise<void> => {
    const { ref } = await provider.create({
      paymentId: id,
      amount: AMOUNT,
      currency: 'USD',
      key: randomUUID(),
    });
    await provider.confirm(ref, 'pm_card_visa', randomUUID());
    refs.set(id, ref);
  };
  const giveBack = (id: string) =>
    provider.refund({ ref: refs.get(id) ?? '', amount: PART, refundId: randomUUID() });
  return {
    pay: async (id, lost) => {
      await db.insertInto('naive_payments').values({ id, status: 'new', refunded: 0 }).execute();
      await naivePay(db, losing(charge, lost), id);
    },
    hearLateFailure: (id) => naiveEvent(db, id, 'failed'),
    refund: (id, lost) => naiveRefund(losing(giveBack, lost), id),
    isPaid: async (id) => {
      const row = db.selectFrom('naive_payments').select('status').where('id', '=', id);
      return (await row.executeTakeFirstOrThrow()).status === 'paid';
    },
    moved,
    close: async () => {
      await small.close();
      await db.destroy();
    },
  };
};

/** The slice, on a clock that can be put forward, with a provider whose answers can be lost. */
const openSlice = async (provider: Provider) => {
  const db = openDatabase<PayingTables>('sqlite::memory:');
  await migrate(db, [idempotencyMigrations, paymentMigrations]);
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const settings = z.object(paymentSettings()).parse({
    STRIPE_SECRET_KEY: 'sk_test_lab',
    PAYMENT_WEBHOOK_SECRETS: 'whsec_none',
  });
  const slice = createPaymentSlice(
    { settings, registry: createMetrics(), logger: createLogger({ service: 'lab', level: 'silent' }) },
    {
      db,
      provider,
      idempotency: createIdempotency({ now }, { ttlMs: 60_000 }),
      callers: createCallers({ authTokens: new Map(), adminToken: 'lab-admin-token', trustUserHeader: true }),
      now,
      newId: randomUUIDv7,
    },
  );
  const settleLater = async (): Promise<void> => {
    aheadMs += 60_000;
    await slice.reconciler.settleDue();
  };
  return { db, settleLater, ...slice };
};

export const openOurShop: OpenShop = async () => {
  const { small, provider, moved } = await openProvider();
  let lost: Lost = 'none';
  const { db, payments, refunds, carryOut, settleLater } = await openSlice({
    ...provider,
    confirm: (...args) => losing(provider.confirm, lost)(...args),
    refund: (...args) => losing(provider.refund, lost)(...args),
  });
  const ids = new Map<string, string>();
  const idOf = (id: string): string => ids.get(id) ?? '';
  return {
    pay: async (reference, given) => {
      lost = given;
      const due = { amount: AMOUNT, currency: 'USD' };
      const made = await transact(db, (trx) =>
        payments.create(trx.withTables(), { userId: 1, reference, due }),
      );
      if (made === undefined) throw new Error('there is a payment already');
      ids.set(reference, made.id);
      const confirm = { kind: 'confirm', paymentMethod: 'pm_card_visa' } as const;
      const begun = await transact(db, (trx) => payments.begin(trx.withTables(), made.id, confirm));
      if (begun.ok) await carryOut.carryOut(begun.payment).catch(() => undefined);
      await settleLater();
    },
    hearLateFailure: async (reference) => {
      const news = { kind: 'declined', attempt: 1 } as const;
      await transact(db, (trx) => payments.settle(trx.withTables(), idOf(reference), news));
    },
    refund: async (reference, given) => {
      lost = given;
      const begun = await transact(db, (trx) => refunds.request(trx.withTables(), idOf(reference), PART));
      if (begun.ok) await carryOut.refund(begun.refund).catch(() => undefined);
      await settleLater();
    },
    isPaid: async (reference) => (await payments.find(db, idOf(reference)))?.status === 'succeeded',
    moved: (reference) => moved(idOf(reference)),
    close: async () => {
      await small.close();
      await db.destroy();
    },
  };
};
