import { Kysely } from 'kysely';
import { type DatabaseOptions, withDefaults } from './database-options.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { createPostgresDialect } from './postgres-dialect.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/**
 * Opens `sqlite:<path>` (relative to the working directory; its folder is created), `sqlite::memory:` or
 * `postgres://...`. Throws a TypeError for any other URL. The file or server is not accessed until the first query,
 * which reports its faults. `await db.destroy()` waits for open transactions, then closes everything.
 */
export const openDatabase = <Tables>(url: string, options: DatabaseOptions = {}): Kysely<Tables> => {
  const address = parseDatabaseUrl(url);
  const settings = withDefaults(options);
  const dialect =
    address.engine === 'sqlite'
      ? createSqliteDialect(address.path, settings)
      : createPostgresDialect(address.connectionString, settings);
  return new Kysely<Tables>({ dialect });
};
