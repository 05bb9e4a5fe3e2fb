/**
 * Problem: the process that would complete an entry dies. Someone else must say that its outcome is unknown, and must
 * not say it of a call that is merely slow.
 * Guarantees: each process counts up its own row in `audit_writers`. If another process sees no new count for the whole
 * lease, measured by its own clock, it removes the row and gives up the entries, in one transaction. Clocks of
 * different machines are never compared.
 * Does NOT guarantee: that the process is dead. One that was frozen for longer than the lease goes on afterwards, and
 * its entries stay `unknown`, which is what the trail then knows of them.
 */
import { type Executor, transact } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import type { Kysely } from 'kysely';
import type { AuditTables } from './audit-statements.ts';

/** Shows that the process is alive. Call it before the first entry. */
export const beat = (db: Executor<AuditTables>, writer: string) =>
  db
    .insertInto('audit_writers')
    .values({ id: writer, beat: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({ beat: row('audit_writers.beat', '+', 1) })),
    )
    .execute();

/** Gives up the entries of a writer if its count is still the same, or if it has no row. */
const giveUp = (db: Kysely<AuditTables>, writer: string, count: number | undefined): Promise<void> =>
  transact(db, async (trx) => {
    if (count !== undefined) {
      const { numDeletedRows } = await trx
        .deleteFrom('audit_writers')
        .where('id', '=', writer)
        .where('beat', '=', count)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return;
    }
    await trx
      .updateTable('audit_pending')
      .set({ outcome: 'unknown' })
      .where('writer', '=', writer)
      .where('outcome', '=', 'started')
      .execute();
  });

/** One look at all writers. Remembers when each count was first seen. */
export const createWatch = (
  db: Kysely<AuditTables>,
  { leaseMs, monotonicMs = () => performance.now() }: { leaseMs: number; monotonicMs?: () => number },
) => {
  const seen = new Map<string, { readonly count: number; readonly sinceMs: number }>();

  return async (): Promise<void> => {
    // In this order: a process adds its row before its first entry, so whoever has an entry here also has a row below.
    const started = await db
      .selectFrom('audit_pending')
      .select('writer')
      .distinct()
      .where('outcome', '=', 'started')
      .execute();
    const alive = await db.selectFrom('audit_writers').selectAll().execute();
    const counts = new Map(alive.map((row) => [row.id, row.beat]));
    for (const { writer } of started) if (!counts.has(writer)) await giveUp(db, writer, undefined);
    for (const writer of seen.keys()) if (!counts.has(writer)) seen.delete(writer);
    for (const [writer, count] of counts) {
      const known = seen.get(writer);
      if (known?.count !== count) seen.set(writer, { count, sinceMs: monotonicMs() });
      else if (monotonicMs() - known.sinceMs >= leaseMs) await giveUp(db, writer, count);
    }
  };
};

export interface AbandonedDeps {
  readonly db: Kysely<AuditTables>;
  readonly writer: string;
  readonly onError: (error: unknown) => void;
}

/** Shows that this process is alive, and gives up the entries of those that are not. */
export const startWatch = (
  { db, writer, onError }: AbandonedDeps,
  { leaseMs }: { readonly leaseMs: number },
): PeriodicTask => {
  const look = createWatch(db, { leaseMs });
  return runPeriodically(
    async () => {
      await beat(db, writer);
      await look();
    },
    { intervalMs: leaseMs / 4, onError },
  );
};

/** The last act of a process: entries that it has not completed are given up at once. */
export const leave = (db: Kysely<AuditTables>, writer: string) =>
  db.deleteFrom('audit_writers').where('id', '=', writer).execute();
