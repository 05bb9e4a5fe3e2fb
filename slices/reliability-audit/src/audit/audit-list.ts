import type { Executor } from '@lab/shared/database';
import { keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import { type Expression, type SqlBool, sql } from 'kysely';
import type { AuditOutcome } from './audit-chain.ts';
import type { AuditTables } from './audit-statements.ts';

type Fact = Omit<AuditTables['audit_pending'], 'writer'>;

/** An entry as it is listed. What is not sealed has no place in the chain. */
export type ListedEntry = Fact & {
  readonly seq: number | null;
  readonly prev_hash: string | null;
  readonly hash: string | null;
};

export interface EntryFilters {
  readonly actor?: string | undefined;
  readonly request_id?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
}

/** Ids are UUIDv7, which begin with the time. */
export const newestFirst = [{ column: 'id', direction: 'desc' }] as const;

const conditions = ({ actor, request_id, outcome }: EntryFilters, after: Position | undefined) => {
  const all: Expression<SqlBool>[] = [];
  if (actor !== undefined) all.push(sql`actor = ${actor}`);
  if (request_id !== undefined) all.push(sql`request_id = ${request_id}`);
  // Literal, so that the planner sees whether the index of the entries that did not succeed fits.
  if (outcome !== undefined) all.push(sql`outcome = ${sql.lit(outcome)}`);
  if (after !== undefined) all.push(keysetAfter(newestFirst, after));
  return all;
};

/** At most `count` entries after the position, or the newest ones without a position. */
export const listEntries = async (
  db: Executor<AuditTables>,
  filters: EntryFilters,
  { count, after }: { readonly count: number; readonly after: Position | undefined },
): Promise<ListedEntry[]> => {
  const all = conditions(filters, after);
  // In this order: an entry only ever moves from the first table to the second, so it is in one of the two answers.
  const pending = await db
    .selectFrom('audit_pending')
    .selectAll()
    .where((row) => row.and(all))
    .orderBy(keysetOrder(newestFirst))
    .limit(count)
    .execute();
  const sealed: ListedEntry[] = await db
    .selectFrom('audit_entries')
    .selectAll()
    .where((row) => row.and(all))
    .orderBy(keysetOrder(newestFirst))
    .limit(count)
    .execute();
  const ids = new Set(sealed.map(({ id }) => id));
  const unsealed = pending
    .filter(({ id }) => !ids.has(id))
    .map(({ writer: _, ...entry }) => ({ ...entry, seq: null, prev_hash: null, hash: null }));
  return [...sealed, ...unsealed].toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, count);
};
