import { randomUUIDv7 } from 'node:crypto';
import {
  type AccountsTables,
  accountOptions,
  accountsMigrations,
  accountsSettings,
  chooseMailer,
  createAccounts,
} from '@lab/accounts';
import { loadSettings } from '@lab/shared/config';
import { migrate, openDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, problemHandler } from '@lab/shared/http';
import { createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const { values: settings } = loadSettings(accountsSettings);
  const db = openDatabase<AccountsTables>(databaseUrl);
  await migrate(db, [accountsMigrations]);
  const deps = { db, now: () => new Date(), newId: randomUUIDv7 };
  const mailer = chooseMailer(deps, settings);
  const accounts = createAccounts({ ...deps, mailer, registry: createMetrics() }, accountOptions(settings));
  const callers = createCallers(callerOptions(settings), accounts);
  const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'accounts' });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  for (const router of accounts.routers({ callers, cursors })) app.use('/shop', router);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
