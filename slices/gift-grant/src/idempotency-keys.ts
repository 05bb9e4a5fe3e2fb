import { setImmediate } from 'node:timers/promises';
import type { Executor } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';

export type IdempotencyTables = {
  idempotency_keys: {
    scope: string;
    key: string;
    fingerprint: string;
    /** JSON of a StoredResponse; null only inside the transaction that is executing the request. */
    response: string | null;
    expires_at: number;
  };
};

/** Deletes up to `batchSize` expired keys in one short statement. Resolves with the number of deleted keys. */
export const sweepExpiredKeys = async (
  db: Executor<IdempotencyTables>,
  { now, batchSize }: { readonly now: Date; readonly batchSize: number },
): Promise<number> => {
  const nowMs = now.getTime();
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where((row) =>
      row(
        row.refTuple('scope', 'key'),
        'in',
        row
          .selectFrom('idempotency_keys')
          .select(['scope', 'key'])
          .where('expires_at', '<=', nowMs)
          .orderBy('expires_at')
          .limit(batchSize)
          .$asTuple('scope', 'key'),
      ),
    )
    // Postgres checks this again for a row that it had to wait for: the key may have been claimed again.
    .where('expires_at', '<=', nowMs)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
};

export interface KeySweeperDeps {
  readonly db: Executor<IdempotencyTables>;
  readonly now: () => Date;
  /** Called when a batch fails. The next one runs after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface KeySweeperOptions {
  /** Pause between sweeps, in milliseconds. */
  readonly intervalMs: number;
  /** Maximum number of keys per statement. Other writers get their turn between statements. */
  readonly batchSize: number;
}

/**
 * Deletes expired keys in the background, batch by batch until none is left, and again after each pause. Any number of
 * processes can run it on one database. `stop` resolves when the current batch is done.
 */
export const startKeySweeper = (
  { db, now, ...deps }: KeySweeperDeps,
  { intervalMs, batchSize }: KeySweeperOptions,
): PeriodicTask =>
  runPeriodically(
    async (signal) => {
      while (!signal.aborted && (await sweepExpiredKeys(db, { now: now(), batchSize })) === batchSize) {
        await setImmediate();
      }
    },
    { intervalMs, ...deps },
  );
