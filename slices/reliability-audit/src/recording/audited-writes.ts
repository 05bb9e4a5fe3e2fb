/**
 * Problem: a write whose audit entry is stored beside it, before or after, can be there without its entry, or the other
 * way round. And an audit that each slice must remember to call is missing from the next slice.
 * Guarantees: the entry of a request is inserted in the same transaction as its first write, by a hook of the database
 * that runs before the commit. So they commit together or not at all, whatever the slice does. A request that writes
 * nothing, such as a replay or a refusal, leaves no entry. One that uses several transactions, or whose transaction runs
 * again after a conflict, leaves one. The answer completes the entry.
 * Does NOT guarantee: anything for writes outside of `transact`, or in the background, where no request is. Those of a
 * request's later transactions are covered by the one entry.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { type BeforeCommit, DatabaseUnavailableError } from '@lab/shared/database';
import {
  type Caller,
  type ContractRouter,
  contextOf,
  defineProblem,
  guard,
  ProblemError,
  type RouteContract,
} from '@lab/shared/http';
import { sql, type Transaction } from 'kysely';
import {
  type AuditTables,
  type Completion,
  insertStarted,
  type StartedEntry,
} from '../audit/audit-statements.ts';
import { entryText } from './entry-text.ts';

export const auditUnavailable = defineProblem({
  code: 'audit_unavailable',
  status: 503,
  title: 'The audit trail cannot be written',
  explanation:
    'This server does nothing that it cannot record. Nothing was changed and no call was made. Retry after the number of seconds in `Retry-After`.',
});

/** The refusal of a write or call that cannot be recorded. */
export const refuseUnaudited = (cause: unknown): ProblemError =>
  new ProblemError(auditUnavailable, { headers: { 'Retry-After': '1' }, cause });

/** Who acts: `shopper:1`, `operator`, or `anonymous` where the route asks for no caller. */
export const actorOf = (caller: Caller | undefined): string => {
  if (caller === undefined) return 'anonymous';
  return 'userId' in caller ? `${caller.role}:${caller.userId}` : caller.role;
};

/** The status in place of an answer that nobody was there to get. */
export const CLIENT_LEFT = 499;

/** What an answer says of the outcome. A client that has left was told nothing. */
const outcomeOf = (status: number): Completion['outcome'] => {
  if (status === CLIENT_LEFT) return 'unknown';
  return status < 400 ? 'succeeded' : 'failed';
};

/** One request that may write. */
class AuditedRequest {
  readonly #entry: StartedEntry;
  readonly #newId: () => string;
  readonly #complete: (completion: Completion) => void;
  #isTried = false;
  #isRecorded = false;
  #answer: Omit<Completion, 'id'> | undefined;

  constructor(entry: StartedEntry, newId: () => string, complete: (completion: Completion) => void) {
    this.#entry = entry;
    this.#newId = newId;
    this.#complete = complete;
  }

  /** The entry that the next commit must contain; undefined if the request has one already. */
  takeMissing(): StartedEntry | undefined {
    if (this.#isRecorded) return undefined;
    this.#isTried = true;
    // A transaction that outlives its request (503 at the deadline) may come after the end of the first entry.
    return this.#answer ? { ...this.#entry, id: this.#newId() } : this.#entry;
  }

  ended({ id }: StartedEntry, isCommitted: boolean): void {
    this.#isRecorded ||= isCommitted;
    if (this.#answer) this.#complete({ id, ...this.#answer });
  }

  answered(status: number, durationMs: number): void {
    this.#answer = { outcome: outcomeOf(status), status, attempts: 1, durationMs };
    // Also if no commit is known: one whose connection was lost may have been stored.
    if (this.#isTried) this.#complete({ id: this.#entry.id, ...this.#answer });
  }
}

export interface AuditedWritesDeps {
  readonly now: () => Date;
  readonly newId: () => string;
  /** The name of this process in the entries that it has started. */
  readonly writer: string;
  /** Called with each entry that could not be stored, if writes go on without. */
  readonly onMissing: (error: unknown) => void;
}

type Middleware = Parameters<typeof guard>[1];

/** The status of an answer that has ended. */
export const statusOf = (res: ServerResponse): number => (res.headersSent ? res.statusCode : CLIENT_LEFT);

/** Inserts the entry inside the transaction, such that a failure does not end the transaction. */
const insertOrSkip = async (trx: Transaction<AuditTables>, entry: StartedEntry): Promise<void> => {
  await sql`savepoint audit_entry`.execute(trx);
  try {
    await insertStarted(trx, entry);
  } catch (error) {
    await sql`rollback to savepoint audit_entry`.execute(trx);
    throw error;
  } finally {
    await sql`release savepoint audit_entry`.execute(trx);
  }
};

/**
 * The audit of writes: `beforeCommit` goes to the database, `audit` around each router. What a request writes between the
 * two is recorded. `failure` is what happens to a write whose entry cannot be stored.
 */
export const createAuditedWrites = (
  { now, newId, writer, onMissing }: AuditedWritesDeps,
  { failure }: { readonly failure: 'closed' | 'open' },
) => {
  const requests = new AsyncLocalStorage<AuditedRequest>();

  const insert = async (trx: Transaction<AuditTables>, entry: StartedEntry): Promise<void> => {
    try {
      await (failure === 'open' ? insertOrSkip : insertStarted)(trx, entry);
    } catch (error) {
      // A conflict runs the transaction again, and without a database there is no write either.
      if (error instanceof DatabaseUnavailableError) throw error;
      if (failure === 'closed') throw refuseUnaudited(error);
      onMissing(error);
    }
  };

  const beforeCommit: BeforeCommit = async (trx) => {
    const request = requests.getStore();
    const entry = request?.takeMissing();
    if (request === undefined || entry === undefined) return undefined;
    await insert(trx.withTables<AuditTables>(), entry);
    return (isCommitted) => request.ended(entry, isCommitted);
  };

  const auditRoute =
    ({ name }: RouteContract, complete: (completion: Completion) => void): Middleware =>
    (req, res, next) => {
      const context = contextOf(req, res);
      const [path = ''] = req.originalUrl.split('?', 1);
      const entry = {
        id: newId(),
        writer,
        at: now().getTime(),
        actor: actorOf(req.caller),
        action: name,
        resource: entryText(path),
        requestId: context.requestId,
        traceId: context.trace.traceId,
      };
      const request = new AuditedRequest(entry, newId, complete);
      context.whenClosed(() => request.answered(statusOf(res), Math.round(context.elapsedMs)));
      requests.run(request, next);
    };

  /** The same router, with an entry for each request that writes. GET and HEAD are not recorded. */
  const audit = (router: ContractRouter, complete: (completion: Completion) => void): ContractRouter =>
    router.contracts
      .filter(({ method }) => method !== 'GET')
      .reduce((audited, contract) => {
        const options = { problems: [auditUnavailable], only: [contract.name] };
        return guard(audited, auditRoute(contract, complete), options);
      }, router);

  return { beforeCommit, audit };
};
