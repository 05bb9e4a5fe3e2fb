import type { Database, Statement } from 'better-sqlite3';

export type PrepareStatement = (sql: string) => Statement<unknown[]>;

/**
 * Preparing costs more than running a point read, so a statement is prepared once per connection and kept: at most
 * `capacity` of them, the least recently used one goes first. SQLite re-prepares by itself when the schema changes.
 */
export const createStatementCache = (database: Database, capacity: number): PrepareStatement => {
  const statements = new Map<string, Statement<unknown[]>>();

  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) {
      // A Map iterates in insertion order: re-inserting makes this the most recently used one.
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const statement = database.prepare<unknown[]>(sql);
    statements.set(sql, statement);
    const [oldest] = statements.keys();
    if (statements.size > capacity && oldest !== undefined) statements.delete(oldest);
    return statement;
  };
};
