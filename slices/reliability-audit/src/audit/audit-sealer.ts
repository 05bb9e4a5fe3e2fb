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
 * Seals the oldest final entries, 250 at most. Resolves with their number: 0 also if another process is sealing.
 */
export const sealBatch = (db: Kysely<AuditTables>): Promise<number> =>
  transact(db, async (trx) => {
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
  /** Called when a batch fails. The next one runs after the usual pause. */
  readonly onError: (error: unknown) => void;
}

/** Seals in the background. Every process runs it; the lock decides which of them seals a batch. */
export const startSealer = (
  { db, onError }: SealerDeps,
  { intervalMs }: { readonly intervalMs: number },
): PeriodicTask =>
  runPeriodically(
    async (signal) => {
      // Most rounds find nothing, and this read saves them the lock, which on SQLite is that of all writes.
      const [some] = await findFinal(db, { count: 1 });
      if (some === undefined) return;
      while (!signal.aborted && (await sealBatch(db)) === BATCH) await setImmediate();
    },
    { intervalMs, onError },
  );
