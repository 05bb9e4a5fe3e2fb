import { randomUUIDv7 } from 'node:crypto';
import { type Accounts, accountOptions, chooseMailer, createAccounts } from '@lab/accounts';
import type { ServerContext } from '@lab/shared/http';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';

type Context = ServerContext<CombinedDemoSettings>;

/** The accounts of the demo. Their access tokens work on every route that asks for a caller. */
export const createDemoAccounts = (
  db: Kysely<DemoTables>,
  {
    settings,
    registry,
    ...server
  }: Pick<Context, 'settings' | 'registry'> & Partial<Pick<Context, 'logger' | 'resources'>>,
): Accounts => {
  const deps = { db, now: () => new Date(), newId: randomUUIDv7 };
  const mailer = chooseMailer({ ...deps, ...server }, settings);
  return createAccounts({ ...deps, mailer, registry }, accountOptions(settings));
};
