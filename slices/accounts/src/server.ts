import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createAccounts } from './accounts.ts';
import { accountOptions, accountsSettings } from './config.ts';
import { tag } from './contract-parts.ts';
import { chooseMailer } from './mail/choose-mailer.ts';
import { accountsMigrations } from './migrations.ts';
import { startAccounts } from './start-accounts.ts';
import type { AccountsTables } from './tables.ts';

await serve({
  name: 'accounts',
  title: 'Accounts',
  description: tag.description,
  settings: accountsSettings,
  start: async (server) => {
    const { settings, registry } = server;
    const db = await startDatabase<AccountsTables>(server, [accountsMigrations]);
    const deps = { ...server, db, now: () => new Date(), newId: randomUUIDv7 };
    const mailer = chooseMailer(deps, settings);
    const accounts = createAccounts({ ...deps, mailer, registry }, accountOptions(settings));
    await startAccounts(accounts, deps);
    const callers = createCallers(callerOptions(settings), accounts);
    const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'accounts' });
    return accounts.routers({ callers, cursors });
  },
});
