/**
 * Problem: a provider sends each event at least once, in any order, and again until it is answered with 200. An event that
 * is marked before its effect is lost in a crash; one that is marked after it has its effect twice.
 * Guarantees: the event's id and its effect commit together, so that it has its effect once. The primary key admits one
 * of several copies. What is not stored is not acknowledged: an event about something unknown is refused, and comes again.
 * Does NOT guarantee: order. What an old event does is decided by the state of the payment (payment-states.ts).
 */
import { type Executor, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { PaymentTables } from '../payment-tables.ts';

export type Trx = Transaction<PaymentTables>;

/** `repeat` and `stale` have no effect, and nor has `ignored`, an event of a type that means nothing here. */
export type EffectOfEvent = 'applied' | 'repeat' | 'stale' | 'ignored';

/** The event is about something that we do not know (yet). Nothing was stored. */
export class UnknownObjectError extends Error {
  override readonly name = 'UnknownObjectError';
}

export interface Received {
  readonly id: string;
  readonly type: string;
}

/** Takes the events of a provider, each one once. */
export const createInbox = (db: Executor<PaymentTables>, { now }: { readonly now: () => Date }) => ({
  /** Does the work of an event unless it has been done. If the work throws, the event can come again. */
  take: (
    { id, type }: Received,
    work: (trx: Trx) => Promise<EffectOfEvent>,
    signal?: AbortSignal,
  ): Promise<EffectOfEvent> =>
    transact(
      db,
      async (trx) => {
        const first = await trx
          .insertInto('webhook_events')
          .values({ id, type, outcome: 'ignored', received_at: now().getTime() })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (first === undefined) return 'repeat';
        const outcome = await work(trx);
        await trx.updateTable('webhook_events').set({ outcome }).where('id', '=', id).execute();
        return outcome;
      },
      { signal },
    ),
});

export type Inbox = ReturnType<typeof createInbox>;
