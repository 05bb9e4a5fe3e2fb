import { randomUUIDv7 } from 'node:crypto';
import { type Accounts, accountOptions, chooseMailer, createAccounts } from '@lab/accounts';
import type { Policy, RateLimiter } from '@lab/promo-rate-limit';
import type { ServerContext } from '@lab/shared/http';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from '../config.ts';
import type { DemoTables } from '../database.ts';
import { createReliableDelivery } from './reliable-mail.ts';
import { shareAttempts } from './shared-attempts.ts';

type Context = ServerContext<CombinedDemoSettings>;

export interface DemoAccountsDeps
  extends Pick<Context, 'settings' | 'registry'>,
    Partial<Pick<Context, 'logger' | 'resources'>> {
  readonly limiterOf: (policy: Policy) => RateLimiter;
}

/** The accounts of the demo. Their access tokens work on every route that asks for a caller. */
export const createDemoAccounts = (
  db: Kysely<DemoTables>,
  { settings, registry, limiterOf, ...server }: DemoAccountsDeps,
): Accounts => {
  const deps = { db, now: () => new Date(), newId: randomUUIDv7 };
  const mailer = chooseMailer({ ...deps, ...server, around: createReliableDelivery() }, settings);
  const options = accountOptions(settings);
  const limiters = shareAttempts(limiterOf, options.limits);
  return createAccounts({ ...deps, mailer, registry, limiters }, options);
};
