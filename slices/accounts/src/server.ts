import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { accountsSettings } from './config.ts';
import { accountsMigrations } from './migrations.ts';
import { type AccountsTables, createNoteStore } from './note-store.ts';
import { createAccountsRouter, tag } from './router.ts';

await serve({
  name: 'accounts',
  title: 'Accounts',
  description: tag.description,
  settings: accountsSettings,
  start: async (server) => {
    const db = await startDatabase<AccountsTables>(server, [accountsMigrations]);
    return [createAccountsRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
