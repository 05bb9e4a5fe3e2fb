import { type Executor, type Param, prepareQuery, transact } from '@lab/shared/database';
import type { AccountTables, SessionTables } from '../tables.ts';

/** Why a session ended. */
export type EndReason =
  | 'logged_out'
  | 'ended_by_staff'
  | 'token_reused'
  | 'password_changed'
  | 'password_reset';

export interface Session {
  readonly id: string;
  readonly accountId: number;
  readonly generation: number;
  readonly rotatedAtMs: number;
  readonly userAgent: string | null;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
}

type Row = SessionTables['account_sessions'];

const fromRow = (row: Row): Session => ({
  id: row.id,
  accountId: row.account_id,
  generation: row.generation,
  rotatedAtMs: row.rotated_at,
  userAgent: row.user_agent,
  createdAtMs: row.created_at,
  lastUsedAtMs: row.last_used_at,
  expiresAtMs: row.expires_at,
  endedAtMs: row.ended_at,
});

const findSession = prepareQuery((db: Executor<SessionTables>, param: Param<{ id: string }>) =>
  db.selectFrom('account_sessions').selectAll().where('id', '=', param('id')),
);

const findLiveRoles = prepareQuery(
  (db: Executor<SessionTables & AccountTables>, param: Param<{ id: string; now: number }>) =>
    db
      .selectFrom('account_sessions')
      .leftJoin('account_roles', 'account_roles.account_id', 'account_sessions.account_id')
      .select(['account_sessions.account_id', 'account_roles.role'])
      .where('account_sessions.id', '=', param('id'))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', param('now')),
);

/** The account of a live session, and its roles as they are now; undefined if the session is not live. */
export const readLiveSession = async (
  db: Executor<SessionTables & AccountTables>,
  id: string,
  nowMs: number,
): Promise<{ readonly accountId: number; readonly roles: readonly string[] } | undefined> => {
  const rows = await findLiveRoles(db, { id, now: nowMs });
  const accountId = rows[0]?.account_id;
  if (accountId === undefined) return undefined;
  return { accountId, roles: rows.flatMap(({ role }) => (role === null ? [] : [role])) };
};

/**
 * The statements about sessions. Each is atomic; none of them decides what an answer means. Each write is a transaction,
 * so that what a server adds to its commits, such as an audit entry, commits with it.
 */
export const createSessionStore = (db: Executor<SessionTables>) => ({
  insert: async ({ id, accountId, userAgent, createdAtMs, expiresAtMs }: Session): Promise<void> => {
    const times = { created_at: createdAtMs, last_used_at: createdAtMs, rotated_at: createdAtMs };
    const row = { id, account_id: accountId, user_agent: userAgent, expires_at: expiresAtMs, ...times };
    const values = { ...row, generation: 0, ended_at: null, end_reason: null };
    await transact(db, (trx) => trx.insertInto('account_sessions').values(values).execute());
  },

  /** Moves a live session from this generation to the next. Resolves with undefined if it was not at this one. */
  advance: async (id: string, generation: number, nowMs: number): Promise<Session | undefined> => {
    const row = await transact(db, (trx) =>
      trx
        .updateTable('account_sessions')
        .set({ generation: generation + 1, rotated_at: nowMs, last_used_at: nowMs })
        .where('id', '=', id)
        .where('generation', '=', generation)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', nowMs)
        .returningAll()
        .executeTakeFirst(),
    );
    return row && fromRow(row);
  },

  find: async (id: string): Promise<Session | undefined> => {
    const [row] = await findSession(db, { id });
    return row && fromRow(row);
  },

  /** Ends one session. Ending it again changes nothing. */
  end: async (id: string, reason: EndReason, nowMs: number): Promise<void> => {
    await transact(db, (trx) =>
      trx
        .updateTable('account_sessions')
        .set({ ended_at: nowMs, end_reason: reason })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .execute(),
    );
  },

  /** Ends the sessions of an account, all or all but one. */
  endAll: async (accountId: number, reason: EndReason, nowMs: number, except?: string): Promise<void> => {
    await transact(db, (trx) => {
      const ending = trx
        .updateTable('account_sessions')
        .set({ ended_at: nowMs, end_reason: reason })
        .where('account_id', '=', accountId)
        .where('ended_at', 'is', null);
      return (except === undefined ? ending : ending.where('id', '!=', except)).execute();
    });
  },

  /** The live sessions of an account, the newest first. */
  listLive: async (accountId: number, nowMs: number): Promise<readonly Session[]> => {
    const rows = await db
      .selectFrom('account_sessions')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', nowMs)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(100)
      .execute();
    return rows.map(fromRow);
  },
});

export type SessionStore = ReturnType<typeof createSessionStore>;
