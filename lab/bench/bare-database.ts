import Sqlite from 'better-sqlite3';
import pg from 'pg';

/** One prepared statement of a database driver, without anything in between. */
export interface BareStatement {
  readonly run: (parameters: readonly unknown[]) => Promise<unknown[]> | unknown[];
  readonly close: () => Promise<void> | void;
}

const onSqlite = (path: string, sql: string): BareStatement => {
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const statement = database.prepare<unknown[]>(sql);
  const run = (parameters: readonly unknown[]): unknown[] => {
    if (statement.reader) return statement.all(parameters);
    statement.run(parameters);
    return [];
  };
  return { run, close: () => void database.close() };
};

const onPostgres = (connectionString: string, sql: string, connections: number): BareStatement => {
  const pool = new pg.Pool({ connectionString, max: connections });
  const run = async (parameters: readonly unknown[]): Promise<unknown[]> => {
    const { rows } = await pool.query({ name: 'bare', text: sql, values: [...parameters] });
    return rows;
  };
  return { run, close: () => pool.end() };
};

/**
 * Opens `sqlite:path` or `postgres://...` for one statement. On Postgres it runs on `connections` connections at once.
 */
export const prepareBare = (url: string, sql: string, connections = 1): BareStatement =>
  url.startsWith('sqlite:') ? onSqlite(url.slice('sqlite:'.length), sql) : onPostgres(url, sql, connections);

/** The first row of a query, as a record of its columns. */
export const readRow = async (url: string, sql: string): Promise<unknown> => {
  const statement = prepareBare(url, sql);
  try {
    const [row] = await statement.run([]);
    return row;
  } finally {
    await statement.close();
  }
};
