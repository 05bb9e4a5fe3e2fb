/**
 * Reads the whole chain and computes it anew, page by page, so that memory does not grow with it. Reports the first
 * entry that is not as it was sealed: changed, missing, inserted or moved. A tail that was cut shows in the row of the
 * head; if that was changed too, or the chain was computed anew, it shows in a head that was kept outside.
 */
import { setImmediate } from 'node:timers/promises';
import { type Executor, type Param, prepareQuery } from '@lab/shared/database';
import { type ChainHead, emptyChain, follows } from './audit-chain.ts';
import { type AuditTables, fromRow, readHead } from './audit-statements.ts';

const PAGE = 500;

export type Verdict =
  | { readonly ok: true; readonly head: ChainHead }
  | { readonly ok: false; readonly firstBadSeq: number };

const pageAfter = prepareQuery((db: Executor<AuditTables>, param: Param<{ seq: number }>) =>
  db.selectFrom('audit_entries').selectAll().where('seq', '>', param('seq')).orderBy('seq').limit(PAGE),
);

type EntryRow = AuditTables['audit_entries'];

/** What is wrong with the entry behind `head`; its own seal if nothing is. */
const check = (
  head: ChainHead,
  { seq, prev_hash: prevHash, hash, ...row }: EntryRow,
  kept: readonly ChainHead[],
) => {
  const isKept = kept.every((one) => one.seq !== seq || one.hash === hash);
  return isKept && follows(head, { fact: fromRow(row), seal: { seq, prevHash, hash } })
    ? { seq, hash }
    : undefined;
};

/**
 * `kept` are heads that were noted earlier and elsewhere. Entries that are sealed while this runs are not waited for.
 * The signal ends it.
 */
export const verifyChain = async (
  db: Executor<AuditTables>,
  { kept = [], signal }: { readonly kept?: readonly ChainHead[]; readonly signal?: AbortSignal } = {},
): Promise<Verdict> => {
  // Read first: the chain only grows, so it must reach at least this far.
  const heads = [await readHead(db), ...kept];
  let head = emptyChain;
  for (const one of heads) if (one.seq === 0 && one.hash !== head.hash) return { ok: false, firstBadSeq: 1 };
  for (;;) {
    signal?.throwIfAborted();
    const rows = await pageAfter(db, { seq: head.seq });
    for (const row of rows) {
      const next = check(head, row, heads);
      if (next === undefined) return { ok: false, firstBadSeq: head.seq + 1 };
      head = next;
    }
    if (rows.length < PAGE) break;
    await setImmediate();
  }
  const isCut = heads.some(({ seq }) => seq > head.seq);
  return isCut ? { ok: false, firstBadSeq: head.seq + 1 } : { ok: true, head };
};

export const countUnsealed = async (db: Executor<AuditTables>): Promise<number> => {
  const { count } = await db
    .selectFrom('audit_pending')
    .select((row) => row.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
};
