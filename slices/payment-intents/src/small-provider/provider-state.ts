import { randomUUID } from 'node:crypto';
import { type Executor, migrate, openDatabase } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import { providerMigrations } from './migrations.ts';

/** What the provider keeps. Objects are kept as JSON, in Stripe's shapes. */
export type ProviderTables = {
  provider_intents: { id: string; number: number; body: string; refunded: number };
  provider_refunds: { id: string; intent_id: string; body: string };
  provider_keys: { key: string; request: string; status: number; body: string };
  provider_events: { id: string; body: string; is_delivered: number };
};

export type State = Executor<ProviderTables>;
export type Trx = Transaction<ProviderTables>;

export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly status: 'requires_payment_method' | 'requires_action' | 'succeeded' | 'canceled';
  readonly latest_charge: string | null;
  readonly last_payment_error: { readonly code: string; readonly decline_code?: string } | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
  readonly livemode: false;
}

export const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

export const seconds = (now: Date): number => Math.floor(now.getTime() / 1000);

/** Opens the file of the provider, or a new one in memory. */
export const openState = async (url: string) => {
  const db = openDatabase<ProviderTables>(url);
  await migrate(db, [providerMigrations]);
  return db;
};

export const findIntent = async (on: State, id: string): Promise<Intent | undefined> => {
  const row = await on.selectFrom('provider_intents').select('body').where('id', '=', id).executeTakeFirst();
  return row && JSON.parse(row.body);
};

export const saveIntent = async (trx: Trx, intent: Intent): Promise<Intent> => {
  await trx
    .updateTable('provider_intents')
    .set({ body: JSON.stringify(intent) })
    .where('id', '=', intent.id)
    .execute();
  return intent;
};

/** Puts an event in the outbox, in the transaction of what it tells. */
export const tell = async (
  trx: Trx,
  {
    type,
    object,
    key,
    now,
  }: { readonly type: string; readonly object: object; readonly key: string | null; readonly now: Date },
): Promise<string> => {
  const id = newId('evt');
  const event = {
    id,
    object: 'event',
    created: seconds(now),
    type,
    data: { object },
    request: { id: newId('req'), idempotency_key: key },
    livemode: false,
    pending_webhooks: 1,
  };
  await trx
    .insertInto('provider_events')
    .values({ id, body: JSON.stringify(event), is_delivered: 0 })
    .execute();
  return id;
};
