import { randomUUID } from 'node:crypto';
import { listConformance } from '@lab/testing';
import { createAccountStore } from '../src/accounts/account-store.ts';
import { openAccountsApp, operator } from './accounts-app.ts';

listConformance({
  path: '/accounts',
  walks: 4,
  queries: ['', 'role=customer'],
  headers: operator,
  open: async (engine) => {
    const { app, db, now } = await openAccountsApp(engine);
    const accounts = createAccountStore(db, { now });
    return {
      app,
      insert: async () => {
        const account = { email: `${randomUUID()}@example.com`, name: null, passwordHash: 'none' };
        return String((await accounts.add(account))?.id);
      },
      remove: async (id) => {
        await db.deleteFrom('accounts').where('id', '=', Number(id)).execute();
      },
    };
  },
});
