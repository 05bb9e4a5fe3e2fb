import { type Executor, engineOf, runSetup } from '@lab/shared/database';
import { sql } from 'kysely';
import { samplePassword } from './accounts/account-schemas.ts';
import { createAccountStore } from './accounts/account-store.ts';
import type { Role } from './accounts/roles.ts';
import type { PasswordHasher } from './passwords/password-hasher.ts';
import type { AccountTables } from './tables.ts';

interface Sample {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** The ids of the first two are those of the development tokens. */
const samples: readonly Sample[] = [
  { id: 1, email: 'demo-alice@example.com', name: 'Alice', roles: ['customer'] },
  { id: 2, email: 'demo-bob@example.com', name: 'Bob', roles: ['customer'] },
  { id: 3, email: 'demo-manager@example.com', name: 'Maria', roles: ['customer', 'manager'] },
  { id: 4, email: 'demo-admin@example.com', name: 'Adam', roles: ['customer', 'admin'] },
];

const LAST_ID = samples.length;

/** Postgres does not notice ids that were given to it. */
const skipGivenIds = (trx: Executor<AccountTables>) =>
  sql`select setval(pg_get_serial_sequence('accounts', 'id'), greatest(${sql.lit(LAST_ID)}, (select last_value from accounts_id_seq)))`.execute(
    trx,
  );

/** Fills an empty table with the sample accounts. For development and tests: their password is known to all. */
export const seedAccounts = async (
  db: Executor<AccountTables>,
  { hasher, now }: { readonly hasher: PasswordHasher; readonly now: () => Date },
): Promise<void> => {
  const hasAny = async (on: Executor<AccountTables>) =>
    (await on.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) !== undefined;
  if (await hasAny(db)) return;
  // Before the transaction: it must not wait for anything but the database.
  const passwordHash = await hasher.hash(samplePassword);
  await runSetup(db, async (trx) => {
    if (await hasAny(trx)) return;
    const accounts = createAccountStore(trx, { now });
    for (const sample of samples) await accounts.add({ ...sample, passwordHash });
    if (engineOf(trx) === 'postgres') await skipGivenIds(trx);
  });
};
