/**
 * Problem: a chain has one end, and many processes write entries. If each write chained its own entry, all writes would
 * wait for one another. If two processes chained at once, the chain would fork.
 * Guarantees: writes only insert their entry, unchained. One process at a time, the one that holds the lock on the row
 * of the head, moves entries whose outcome is final to the chain, batch by batch, each in one transaction. If that
 * process dies, the database frees the lock, and the next one goes on. One that stalls and wakes up cannot fork the
 * chain: its transaction has lost the lock, its update of the head is conditional, and `seq` is a primary key.
 * Does NOT guarantee: anything about an entry before it is sealed, which takes about `AUDIT_SEAL_MS` after its outcome
 * is known. In that moment the triggers protect it, but no hash does. Nor that the chain has the order of the times.
 */
import { setImmediate } from 'node:timers/promises';
import { engineOf, transact } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import type { Kysely, Transaction } from 'kysely';
import { type ChainHead, sealAfter } from './audit-chain.ts';
import {
  type AuditTables,
  type Completion,
  completeBatch,
  findFinal,
  fromRow,
  moveHead,
  moveSealed,
  type SealedEntry,
} from './audit-statements.ts';

/** Large enough to save commits, small enough that SQLite's single writer is free again after some milliseconds. */
const BATCH = 250;

/** Locks the head until the transaction ends. Undefined if another process has it and is sealing. */
const lockHead = (trx: Transaction<AuditTables>): Promise<ChainHead | undefined> => {
  const head = trx.selectFrom('audit_head').select(['seq', 'hash']);
  return (engineOf(trx) === 'postgres' ? head.forUpdate().skipLocked() : head).executeTakeFirst();
};

/**
 * Completes entries, then seals the oldest final ones, 250 at most. Resolves with the number of sealed ones: 0 also if
 * another process is sealing.
 */
export const sealBatch = (
  db: Kysely<AuditTables>,
  completions: readonly Completion[] = [],
): Promise<number> =>
  transact(db, async (trx) => {
    if (completions.length > 0) await completeBatch(trx, completions);
    const from = await lockHead(trx);
    if (from === undefined) return 0;
    const sealed: SealedEntry[] = [];
    let head: ChainHead = from;
    for (const row of await findFinal(trx, { count: BATCH })) {
      const seal = sealAfter(head, fromRow(row));
      sealed.push({ id: row.id, ...seal });
      head = seal;
    }
    if (sealed.length > 0) {
      await moveSealed(trx, sealed);
      if (!(await moveHead(trx, from, head))) throw new Error('another process has sealed meanwhile');
    }
    return sealed.length;
  });

export interface SealerDeps {
  readonly db: Kysely<AuditTables>;
  /** Completions that can share the commit of a batch, and what becomes of them if it fails. */
  readonly late: {
    readonly takeLate: () => readonly Completion[];
    readonly completeSoon: (completion: Completion) => void;
  };
  /** Called when a batch fails. The next one runs after the usual pause. */
  readonly onError: (error: unknown) => void;
}

/** Seals in the background. Every process runs it; the lock decides which of them seals a batch. */
export const startSealer = (
  { db, late, onError }: SealerDeps,
  { intervalMs }: { readonly intervalMs: number },
): PeriodicTask => {
  let isFailing = false;
  // What cannot be sealed can still be completed, by the recorder, if it is left there.
  const takeLate = () => (isFailing ? [] : late.takeLate());
  const seal = async (completions: readonly Completion[]): Promise<number> => {
    try {
      const sealed = await sealBatch(db, completions);
      isFailing = false;
      return sealed;
    } catch (error) {
      isFailing = true;
      for (const completion of completions) late.completeSoon(completion);
      throw error;
    }
  };
  return runPeriodically(
    async (signal) => {
      const completions = takeLate();
      // Most rounds find nothing, and this read saves them the lock, which on SQLite is that of all writes.
      if (completions.length === 0 && (await findFinal(db, { count: 1 })).length === 0) return;
      let sealed = await seal(completions);
      while (sealed === BATCH && !signal.aborted) {
        await setImmediate();
        sealed = await seal(takeLate());
      }
    },
    { intervalMs, onError },
  );
};
