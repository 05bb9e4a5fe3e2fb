import type { Executor } from '@lab/shared/database';
import type { VerifyToken } from '@lab/shared/http';
import { permissionsOf } from '../accounts/roles.ts';
import type { AccountTables, SessionTables } from '../tables.ts';
import type { VerifyAccessToken } from './access-tokens.ts';
import { readLiveSession } from './session-store.ts';

interface Deps {
  readonly verify: VerifyAccessToken;
  readonly db: Executor<AccountTables & SessionTables>;
  readonly now: () => Date;
}

/**
 * The port of `createCallers` for servers that share the database: a session that has ended, and a role that was taken
 * away, count at once. Costs one indexed read for each request.
 */
export const createSessionCallers =
  ({ verify, db, now }: Deps): VerifyToken =>
  async (token) => {
    const claims = await verify(token);
    const live = claims && (await readLiveSession(db, claims.sessionId, now().getTime()));
    if (!live || live.accountId !== claims.accountId) return undefined;
    const { accountId: userId, roles } = live;
    return { role: 'shopper', userId, permissions: permissionsOf(roles), sessionId: claims.sessionId };
  };
