/** Launches accounts with a bug: a change of the password ends the other sessions later than it is committed. */
import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createAccountStore } from '../src/accounts/account-store.ts';
import { createOwnAccount } from '../src/accounts/own-account.ts';
import { createOwnAccountRouter } from '../src/accounts/own-account-router.ts';
import { createAccounts } from '../src/accounts.ts';
import { createAttemptLimiters, createAttempts } from '../src/attempts/attempts.ts';
import { accountOptions, accountsSettings } from '../src/config.ts';
import { chooseMailer } from '../src/mail/choose-mailer.ts';
import { accountsMigrations } from '../src/migrations.ts';
import { createPasswordPolicy } from '../src/passwords/password-policy.ts';
import { createSessionStore } from '../src/sessions/session-store.ts';
import { startAccounts } from '../src/start-accounts.ts';
import type { AccountsTables } from '../src/tables.ts';

const ENDED_LATER_MS = 200;

await serve({
  name: 'hasty-accounts',
  title: 'Hasty accounts',
  description: 'Accounts with a planted bug.',
  settings: accountsSettings,
  start: async (server) => {
    const { settings, registry } = server;
    const db = await startDatabase<AccountsTables>(server, [accountsMigrations]);
    const now = () => new Date();
    const deps = { ...server, db, now, newId: randomUUIDv7 };
    const mailer = chooseMailer(deps, settings);
    const options = accountOptions(settings);
    const accounts = createAccounts({ ...deps, mailer, registry }, options);
    await startAccounts(accounts, deps);
    const callers = createCallers(callerOptions(settings), accounts);
    const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'accounts' });
    const own = createOwnAccount({ db, hasher: accounts.hasher, policy: createPasswordPolicy(), now });
    const hasty: typeof own = {
      ...own,
      changePassword: async (id, { next, keepSession }) => {
        const row = db.selectFrom('accounts').select(['email', 'password_hash']).where('id', '=', id);
        const { email, password_hash } = await row.executeTakeFirstOrThrow();
        await createAccountStore(db, { now }).replaceHash(
          id,
          password_hash,
          await accounts.hasher.hash(next),
        );
        await sleep(ENDED_LATER_MS);
        await createSessionStore(db).endAll(id, 'password_changed', now().getTime(), keepSession);
        return { state: 'changed', email };
      },
    };
    const attempts = createAttempts(createAttemptLimiters({ now }, options.limits));
    // In place of the last one, which has the routes of the own account.
    const others = accounts.routers({ callers, cursors }).slice(0, -1);
    return [...others, createOwnAccountRouter({ db, own: hasty, attempts, mailer, callers, now })];
  },
});
