/**
 * Problem: an outcome stays unknown when the answer is lost, the webhook does not come and the process is gone.
 * Guarantees: each payment and refund that is not settled has a time at which someone asks the provider, again and again
 * with growing pauses, whatever became of the process that began it. One process at a time does it (lease.ts).
 * Does NOT guarantee: an outcome while the provider is away. After `giveUpMs` a payment is canceled instead, which the
 * provider answers with one of two final words: canceled, or succeeded.
 */
import { type Executor, transact } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import type { PaymentMetrics } from '../payment-metrics.ts';
import type { PaymentTables } from '../payment-tables.ts';
import type { Payment, Payments } from '../payments/payments.ts';
import type { Refund } from '../payments/refunds.ts';
import type { CarryOut } from '../provider/carry-out.ts';
import { returnLease, takeLease } from './lease.ts';
import type { ProviderAudit } from './provider-audit.ts';

const LEASE = 'payment-reconciler';
const BATCH = 50;
const AT_ONCE = 8;
/** A payment is asked about in each round at first, then ever less often. */
const LONGEST_PAUSE_MS = 60_000;
const WHOLE_AUDIT_EVERY_MS = 3_600_000;

export interface ReconcilerDeps {
  readonly db: Executor<PaymentTables>;
  readonly payments: Payments;
  readonly carryOut: CarryOut;
  readonly audit: ProviderAudit;
  readonly metrics: PaymentMetrics;
  readonly now: () => Date;
  /** Of this process. */
  readonly holder: string;
  readonly onError: (error: unknown) => void;
}

export interface ReconcilerOptions {
  /** Pause between two rounds. */
  readonly intervalMs: number;
  /** Pause between two comparisons with what the provider has. */
  readonly auditIntervalMs: number;
  /** How far back a comparison of the whole window looks. */
  readonly auditWindowMs: number;
  /** How long a process that is gone keeps others from taking over. Longer than one question takes. */
  readonly leaseMs: number;
  /** When an unknown outcome is given up, and the payment canceled. */
  readonly giveUpMs: number;
}

export const createReconciler = (
  { db, payments, carryOut, audit, metrics, now, holder, onError }: ReconcilerDeps,
  { giveUpMs, leaseMs, auditIntervalMs, auditWindowMs, intervalMs }: ReconcilerOptions,
) => {
  /** A quarter of the time that it has been waiting already, within bounds. */
  const pauseAfter = (waitedMs: number): number =>
    Math.min(Math.max(waitedMs / 4, intervalMs), LONGEST_PAUSE_MS);

  let triedAtMs = Number.NEGATIVE_INFINITY;
  /** When the last comparison, and the last one of the whole window, began. */
  let auditedAtMs = Number.NEGATIVE_INFINITY;
  let wholeAtMs = Number.NEGATIVE_INFINITY;

  /** Sets the time of the next question first, so that a failure does not make the loop spin. */
  const postpone = async (table: 'payments' | 'payment_refunds', id: string, sinceMs: number) => {
    const nowMs = now().getTime();
    await db
      .updateTable(table)
      .set({ check_at: Math.ceil(nowMs + pauseAfter(nowMs - sinceMs)) })
      .where('id', '=', id)
      .where('check_at', 'is not', null)
      .execute();
  };

  const ask = async (question: () => Promise<boolean>): Promise<void> => {
    try {
      metrics.countReconciliation((await question()) ? 'settled' : 'unchanged');
    } catch (error) {
      metrics.countReconciliation('failed');
      onError(error);
    }
  };

  const settlePayment = async (payment: Payment): Promise<void> => {
    await postpone('payments', payment.id, payment.updated_at);
    const isHopeless = payment.status === 'processing' && now().getTime() - payment.updated_at >= giveUpMs;
    await ask(async () => {
      const given = isHopeless && (await transact(db, (trx) => payments.giveUp(trx, payment)));
      return carryOut.resume(given || payment);
    });
  };

  const settleRefund = async (refund: Refund): Promise<void> => {
    await postpone('payment_refunds', refund.id, refund.created_at);
    await ask(() => carryOut.resumeRefund(refund));
  };

  const duePayments = (): Promise<Payment[]> =>
    db
      .selectFrom('payments')
      .selectAll()
      .where('check_at', '<=', now().getTime())
      .orderBy('check_at')
      .limit(BATCH)
      .execute();

  const dueRefunds = (): Promise<Refund[]> =>
    db
      .selectFrom('payment_refunds')
      .selectAll()
      .where('check_at', '<=', now().getTime())
      .orderBy('check_at')
      .limit(BATCH)
      .execute();

  const hold = (): Promise<boolean> => takeLease(db, { name: LEASE, holder, now: now(), ttlMs: leaseMs });

  /** Settles what is due. Resolves with how many it asked about; 0 also if another process has the lease. */
  const settleDue = async (signal?: AbortSignal): Promise<number> => {
    let asked = 0;
    while (!signal?.aborted && (await hold())) {
      const refunds = await dueRefunds();
      const work = [
        ...(await duePayments()).map((one) => () => settlePayment(one)),
        ...refunds.map((one) => () => settleRefund(one)),
      ];
      if (work.length === 0) return asked;
      asked += work.length;
      const queue = work.values();
      const worker = async (): Promise<void> => {
        for (const one of queue) if (!signal?.aborted && (await hold())) await one();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }
    return asked;
  };

  /**
   * Compares with the provider: the whole window at first and once an hour, in between what is newer than the last
   * comparison. A payment can be under way for `giveUpMs`, so that much of what was compared before is compared again.
   */
  const auditWhenDue = async (signal?: AbortSignal): Promise<void> => {
    const nowMs = now().getTime();
    if (nowMs - triedAtMs < auditIntervalMs || !(await hold())) return;
    triedAtMs = nowMs;
    const isWhole = nowMs - wholeAtMs >= WHOLE_AUDIT_EVERY_MS;
    const sinceMs = isWhole ? nowMs - auditWindowMs : auditedAtMs - giveUpMs;
    await audit(new Date(sinceMs), { isWhole, ...(signal && { signal }) });
    auditedAtMs = nowMs;
    if (isWhole) wholeAtMs = nowMs;
  };

  return {
    settleDue,
    auditWhenDue,
    /** Rounds until it is stopped, off the path of any request. */
    start: (): PeriodicTask => {
      const task = runPeriodically(
        async (signal) => {
          await settleDue(signal);
          await auditWhenDue(signal);
        },
        { intervalMs, onError },
      );
      const stop = async (): Promise<void> => {
        await task.stop();
        await returnLease(db, { name: LEASE, holder }).catch(onError);
      };
      return { stop, [Symbol.asyncDispose]: stop };
    },
  };
};

export type Reconciler = ReturnType<typeof createReconciler>;
