import { type Executor, transact } from '@lab/shared/database';
import type { PaymentMetrics } from '../payment-metrics.ts';
import type { PaymentTables } from '../payment-tables.ts';
import type { Payment, Payments } from '../payments/payments.ts';
import type { Provider, ProviderIntent } from '../provider/provider.ts';

export interface AuditDeps {
  readonly db: Executor<PaymentTables>;
  readonly payments: Payments;
  readonly provider: Provider;
  readonly metrics: PaymentMetrics;
  readonly now: () => Date;
}

interface Disagreement {
  readonly provider_ref: string;
  readonly what: string;
}

export interface AuditOptions {
  readonly isWhole?: boolean;
  readonly quietMs?: number;
  readonly signal?: AbortSignal;
}

const BATCH = 100;
/** A refund or payment may be under way: only what has been quiet for this long is compared. */
const QUIET_MS = 10_000;

const differenceOf = (intent: ProviderIntent, ours: Payment | undefined): string | undefined => {
  if (ours === undefined)
    return intent.received > 0 ? 'the provider was paid for a payment that we do not know' : undefined;
  if (intent.received !== ours.captured) return 'the provider has received another amount';
  if (intent.refunded !== ours.refunded) return 'the provider has refunded another amount';
  return undefined;
};

/**
 * Compares the payments made since a time with the provider's, in both directions. A payment that only the provider knows
 * to be paid or canceled is settled on the way. What is left is written down, and gone from the list when it is resolved.
 */
export const createProviderAudit = ({ db, payments, provider, metrics, now }: AuditDeps) => {
  const ofRefs = async (refs: readonly string[]): Promise<ReadonlyMap<string | null, Payment>> => {
    const rows = await db.selectFrom('payments').selectAll().where('provider_ref', 'in', refs).execute();
    return new Map(rows.map((row) => [row.provider_ref, row]));
  };

  const compare = async (
    intents: readonly ProviderIntent[],
    quietBefore: number,
  ): Promise<Disagreement[]> => {
    const known = await ofRefs(intents.map(({ ref }) => ref));
    const found: Disagreement[] = [];
    for (const intent of intents) {
      let ours = known.get(intent.ref);
      const isEnd = intent.status === 'succeeded' || intent.status === 'canceled';
      if (ours !== undefined && isEnd && ours.status !== intent.status) {
        const told = { kind: intent.status === 'succeeded' ? 'succeeded' : 'canceled' } as const;
        const { id } = ours;
        ours = (await transact(db, (trx) => payments.settle(trx, id, told))).payment;
        metrics.countReconciliation('settled');
      }
      if (ours !== undefined && ours.updated_at > quietBefore) continue;
      const what = differenceOf(intent, ours);
      if (what !== undefined) found.push({ provider_ref: intent.ref, what });
    }
    return found;
  };

  /** Payments that we have as paid, and that the provider did not list. */
  const missing = async (
    seen: ReadonlySet<string>,
    { since, quietBefore }: { readonly since: Date; readonly quietBefore: number },
  ): Promise<Disagreement[]> => {
    const rows = await db
      .selectFrom('payments')
      .select('provider_ref')
      .where('status', '=', 'succeeded')
      .where('created_at', '>=', since.getTime())
      // What was paid while the list was read is not on it.
      .where('updated_at', '<=', quietBefore)
      .execute();
    return rows.flatMap(({ provider_ref }) =>
      provider_ref === null || seen.has(provider_ref)
        ? []
        : [{ provider_ref, what: 'the provider does not know this payment' }],
    );
  };

  /** In place of what was written down about the same payments before, or about all. */
  const writeDown = (found: readonly Disagreement[], about: ReadonlySet<string> | 'all'): Promise<void> =>
    transact(db, async (trx) => {
      const known = await trx.selectFrom('payment_disagreements').select('provider_ref').execute();
      const over = known
        .map(({ provider_ref }) => provider_ref)
        .filter((ref) => about === 'all' || about.has(ref));
      for (let start = 0; start < over.length; start += BATCH)
        await trx
          .deleteFrom('payment_disagreements')
          .where('provider_ref', 'in', over.slice(start, start + BATCH))
          .execute();
      for (let start = 0; start < found.length; start += BATCH)
        await trx
          .insertInto('payment_disagreements')
          .values(found.slice(start, start + BATCH).map((one) => ({ ...one, found_at: now().getTime() })))
          .execute();
    });

  /** Resolves with the number of disagreements. With `isWhole`, those of payments made before are forgotten. */
  return async (
    since: Date,
    { isWhole = true, quietMs = QUIET_MS, signal }: AuditOptions = {},
  ): Promise<number> => {
    const quietBefore = now().getTime() - quietMs;
    const found: Disagreement[] = [];
    const seen = new Set<string>();
    let batch: ProviderIntent[] = [];
    const flush = async (): Promise<void> => {
      signal?.throwIfAborted();
      if (batch.length > 0) found.push(...(await compare(batch, quietBefore)));
      batch = [];
    };
    // The provider lists what was made since then by its own clock, so ours begins a little later.
    for await (const intent of provider.list(since)) {
      seen.add(intent.ref);
      batch.push(intent);
      if (batch.length === BATCH) await flush();
    }
    await flush();
    found.push(...(await missing(seen, { since: new Date(since.getTime() + 60_000), quietBefore })));
    const about = new Set([...seen, ...found.map(({ provider_ref }) => provider_ref)]);
    await writeDown(found, isWhole ? 'all' : about);
    for (const _ of found) metrics.countReconciliation('disagreement');
    return found.length;
  };
};

export type ProviderAudit = ReturnType<typeof createProviderAudit>;
