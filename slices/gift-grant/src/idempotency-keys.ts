import { setImmediate } from 'node:timers/promises';
import type { Executor } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';

export type IdempotencyTables = {
  idempotency_keys: {
    scope: string;
    key: string;
    fingerprint: string;
    /** JSON of a StoredResponse; null only to the transaction that is carrying the request out. */
    response: string | null;
    expires_at: number;
  };
};

/** Forgets at most `batchSize` keys that have expired, in one short statement; resolves with how many it was. */
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
    // Postgres asks this again of a row that it had to wait for: the key may have been claimed anew.
    .where('expires_at', '<=', nowMs)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
};

export interface KeySweeperDeps {
  readonly db: Executor<IdempotencyTables>;
  readonly now: () => Date;
  /** Told of a batch that failed; the next one comes after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface KeySweeperOptions {
  /** Pause between two sweeps, in milliseconds. */
  readonly intervalMs: number;
  /** Most keys of one statement; between two of them other writers get their turn. */
  readonly batchSize: number;
}

/**
 * Forgets expired keys, off the path of any request, batch after batch until none is left, then again after a pause.
 * Any number of processes may do it on one database. `stop` resolves when the batch under way is done.
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
