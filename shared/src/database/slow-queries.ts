export interface SlowQuery {
  /** With placeholders: values stay out of logs, for they may be anybody's name or card. */
  readonly sql: string;
  /** Of the statement itself: on SQLite without the wait for its turn, on Postgres with its lock waits. */
  readonly durationMs: number;
}

/** Call with the SQL and `performance.now()` as it was before the statement ran. */
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
