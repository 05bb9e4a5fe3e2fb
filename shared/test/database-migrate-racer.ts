import { once } from 'node:events';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { migrate, openDatabase } from '../src/database/index.ts';

interface Tables {
  runs: { migration: string };
}

const step = (name: string): Record<string, Migration> => ({
  [name]: {
    up: async (db: Kysely<Tables>) => {
      await sql`create table if not exists runs (migration text not null)`.execute(db);
      await db.insertInto('runs').values({ migration: name }).execute();
    },
  },
});

const carts = { ...step('carts_0001_first'), ...step('carts_0002_second') };
const gifts = { ...step('gifts_0001_first') };

/** The planted bug: Kysely's migrator as it comes, without a lock around it. */
const migrateUnlocked = async (db: Kysely<Tables>): Promise<void> => {
  const provider = { getMigrations: async () => ({ ...carts, ...gifts }) };
  const { error } = await new Migrator({ db, provider, disableTransactions: true }).migrateToLatest();
  if (error !== undefined) throw error;
};

const [url = '', variant] = process.argv.slice(2);
const db = openDatabase<Tables>(url);
process.send?.('ready');
await once(process, 'message');
const migrating = variant === 'unlocked' ? migrateUnlocked(db) : migrate(db, [carts, gifts]);
process.send?.(await migrating.then(() => 'migrated', String));
await db.destroy();
process.disconnect();
