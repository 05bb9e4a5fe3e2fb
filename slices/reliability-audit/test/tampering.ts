import { engineOf } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import type { AuditTables } from '../src/audit/audit-statements.ts';

const triggers = {
  sqlite: sql<{
    name: string;
    tbl: string;
  }>`select name, tbl_name as tbl from sqlite_schema where type = 'trigger'`,
  postgres: sql<{ name: string; tbl: string }>`select tgname as name, relname as tbl from pg_trigger
    join pg_class on pg_class.oid = tgrelid where not tgisinternal`,
};

/** What someone with all rights on the database can do before anything else. */
export const dropTriggers = async (db: Kysely<AuditTables>): Promise<void> => {
  const engine = engineOf(db);
  const { rows } = await triggers[engine].execute(db);
  for (const { name, tbl } of rows) {
    const on = engine === 'postgres' ? sql` on ${sql.table(tbl)}` : sql``;
    await sql`drop trigger ${sql.ref(name)}${on}`.execute(db);
  }
};
