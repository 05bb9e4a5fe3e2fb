export interface SlowQuery {
  /** With placeholders. Values are not logged, because they may be personal data. */
  readonly sql: string;
  /** Time of the statement itself: on SQLite without the wait for its turn, on Postgres with its lock waits. */
  readonly durationMs: number;
}

/** Call it with the SQL and the `performance.now()` from before the statement ran. */
export type SlowQueryWatch = (sql: string, startedAtMs: number) => void;

export const createSlowQueryWatch = (settings: {
  readonly slowQueryMs: number;
  readonly onSlowQuery: (query: SlowQuery) => void;
}): SlowQueryWatch => {
  const { slowQueryMs, onSlowQuery } = settings;
  return (sql, startedAtMs) => {
    const durationMs = performance.now() - startedAtMs;
    if (durationMs >= slowQueryMs) onSlowQuery({ sql, durationMs });
  };
};
