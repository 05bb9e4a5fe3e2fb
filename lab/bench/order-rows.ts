/** Fast ways to write many rows with the drivers alone, for what the benchmark of the checkout needs beside it. */
import Sqlite from 'better-sqlite3';
import pg from 'pg';

export interface Statement {
  /** With `?` for parameters. */
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

export interface BareDatabase {
  /** Runs all statements in one transaction, and resolves when it is on disk. */
  readonly commit: (statements: readonly Statement[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

const onSqlite = (path: string): BareDatabase => {
  const database = new Sqlite(path, { timeout: 10_000 });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const prepared = new Map<string, Sqlite.Statement<unknown[]>>();
  const prepare = (sql: string): Sqlite.Statement<unknown[]> => {
    const known = prepared.get(sql) ?? database.prepare<unknown[]>(sql);
    prepared.set(sql, known);
    return known;
  };
  const run = database.transaction((statements: readonly Statement[]) => {
    for (const { sql, values } of statements) prepare(sql).run([...values]);
  });
  return {
    commit: async (statements) => run.immediate(statements),
    close: async () => void database.close(),
  };
};

const numbered = (sql: string): string => {
  let place = 0;
  return sql.replaceAll('?', () => {
    place += 1;
    return `$${place}`;
  });
};

const onPostgres = (connectionString: string, connections: number): BareDatabase => {
  const pool = new pg.Pool({ connectionString, max: connections });
  const names = new Map<string, { name: string; text: string }>();
  const prepare = (sql: string) => {
    const known = names.get(sql) ?? { name: `bare_${names.size}`, text: numbered(sql) };
    names.set(sql, known);
    return known;
  };
  return {
    commit: async (statements) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        for (const { sql, values } of statements)
          await client.query({ ...prepare(sql), values: [...values] });
        await client.query('commit');
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
};

export const openBare = (url: string, connections = 1): BareDatabase =>
  url.startsWith('sqlite:') ? onSqlite(url.slice('sqlite:'.length)) : onPostgres(url, connections);

/** `(?, ?), (?, ?)` for rows of so many columns. */
export const marks = (rows: number, columns: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');
