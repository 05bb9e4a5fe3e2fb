import type { Database, Statement } from 'better-sqlite3';

export type PrepareStatement = (sql: string) => Statement<unknown[]>;

/**
 * Preparing a statement costs more than running a point read, so each connection keeps at most `capacity` of them and
 * evicts the least recently used. SQLite prepares them again on its own when the schema changes.
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
