/** The tables of the trail and the statements that write them. An entry is in `audit_pending` until it is sealed. */
import { type Executor, engineOf, type Param, prepareQuery } from '@lab/shared/database';
import { type RawBuilder, sql } from 'kysely';
import type { AuditFact, AuditOutcome, ChainHead, Seal } from './audit-chain.ts';

interface FactColumns {
  id: string;
  at: number;
  actor: string;
  action: string;
  resource: string;
  outcome: AuditOutcome;
  status: number | null;
  attempts: number | null;
  duration_ms: number | null;
  request_id: string;
  trace_id: string;
}

export type AuditTables = {
  /** `writer` is the process that completes the entry. */
  audit_pending: FactColumns & { writer: string };
  audit_entries: FactColumns & { seq: number; prev_hash: string; hash: string };
  audit_head: { only_row: number; seq: number; hash: string };
  audit_writers: { id: string; beat: number };
};

type AuditDb = Executor<AuditTables>;

export const fromRow = ({ duration_ms, request_id, trace_id, ...row }: FactColumns): AuditFact => ({
  ...row,
  durationMs: duration_ms,
  requestId: request_id,
  traceId: trace_id,
});

/** An entry before its outcome is known. */
export type StartedEntry = Pick<
  AuditFact,
  'id' | 'at' | 'actor' | 'action' | 'resource' | 'requestId' | 'traceId'
> & { readonly writer: string };

/** The outcome of a started entry. */
export interface Completion extends Pick<AuditFact, 'id' | 'status' | 'attempts' | 'durationMs'> {
  readonly outcome: Exclude<AuditOutcome, 'started'>;
}

/** Adds a started entry, unless it is there already. */
export const insertStarted = prepareQuery((db: AuditDb, param: Param<StartedEntry>) =>
  db
    .insertInto('audit_pending')
    .values({
      id: param('id'),
      writer: param('writer'),
      at: param('at'),
      actor: param('actor'),
      action: param('action'),
      resource: param('resource'),
      outcome: 'started',
      request_id: param('requestId'),
      trace_id: param('traceId'),
    })
    .onConflict((conflict) => conflict.doNothing()),
);

/** A list of objects as a table with the column `value`, so that a batch of any size is one prepared statement. */
const tableOf = (db: AuditDb, items: readonly object[]): RawBuilder<unknown> => {
  const json = JSON.stringify(items);
  return engineOf(db) === 'sqlite'
    ? sql`json_each(${json})`
    : sql`json_array_elements(cast(${json} as json)) as batch(value)`;
};

export const insertBatch = (db: AuditDb, entries: readonly StartedEntry[]) =>
  sql`insert into audit_pending (id, writer, at, actor, action, resource, outcome, request_id, trace_id)
    select value ->> 'id', value ->> 'writer', cast(value ->> 'at' as bigint), value ->> 'actor', value ->> 'action',
      value ->> 'resource', 'started', value ->> 'requestId', value ->> 'traceId'
    from ${tableOf(db, entries)}`.execute(db);

/** Completes entries that are still started. Others, which were given up as `unknown`, stay as they are. */
export const completeBatch = (db: AuditDb, completions: readonly Completion[]) =>
  sql`update audit_pending
    set outcome = done.outcome, status = done.status, attempts = done.attempts, duration_ms = done.duration_ms
    from (select value ->> 'id' as id, value ->> 'outcome' as outcome, cast(value ->> 'status' as integer) as status,
        cast(value ->> 'attempts' as integer) as attempts, cast(value ->> 'durationMs' as bigint) as duration_ms
      from ${tableOf(db, completions)}) as done
    where audit_pending.id = done.id and audit_pending.outcome = 'started'`.execute(db);

/** The oldest entries whose outcome is final. */
export const findFinal = prepareQuery((db: AuditDb, param: Param<{ count: number }>) =>
  db
    .selectFrom('audit_pending')
    .selectAll()
    .where('outcome', '<>', 'started')
    .orderBy('id')
    .limit(param('count')),
);

export interface SealedEntry extends Seal {
  readonly id: string;
}

/** Moves entries from `audit_pending` to the chain. */
export const moveSealed = async (db: AuditDb, sealed: readonly SealedEntry[]): Promise<void> => {
  await sql`insert into audit_entries (seq, id, at, actor, action, resource, outcome, status, attempts, duration_ms,
      request_id, trace_id, prev_hash, hash)
    select seal.seq, entry.id, at, actor, action, resource, outcome, status, attempts, duration_ms, request_id,
      trace_id, seal.prev_hash, seal.hash
    from (select cast(value ->> 'seq' as bigint) as seq, value ->> 'id' as id, value ->> 'prevHash' as prev_hash,
        value ->> 'hash' as hash
      from ${tableOf(db, sealed)}) as seal
    join audit_pending as entry on entry.id = seal.id
    order by seal.seq`.execute(db);
  await sql`delete from audit_pending where id in (select value ->> 'id' from ${tableOf(db, sealed)})`.execute(
    db,
  );
};

/** Moves the head on, if it is still where it was read. */
export const moveHead = async (db: AuditDb, from: ChainHead, to: ChainHead): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('audit_head')
    .set({ seq: to.seq, hash: to.hash })
    .where('seq', '=', from.seq)
    .where('hash', '=', from.hash)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
};

export const readHead = (db: AuditDb): Promise<ChainHead> =>
  db.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirstOrThrow();
