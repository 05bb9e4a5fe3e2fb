/** Where the data lives. The Postgres address keeps its credentials: hand it to the driver and to nobody else. */
export type DatabaseAddress =
  /** `:memory:` for a database that is gone when it is closed. */
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly connectionString: string };

/**
 * Reads `sqlite:<path>`, `sqlite::memory:`, `postgres://...` or `postgresql://...`. Throws a TypeError that says
 * what is accepted and repeats nothing of what it was given: a database URL holds a password.
 */
export const parseDatabaseUrl = (url: string): DatabaseAddress => {
  if (url.startsWith('sqlite:')) {
    const path = url.slice('sqlite:'.length);
    if (path.trim() === '') throw new TypeError('the database URL names no file after "sqlite:"');
    return { engine: 'sqlite', path };
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    if (!URL.canParse(url))
      throw new TypeError('the database URL begins with "postgres:" but is no valid URL');
    return { engine: 'postgres', connectionString: url };
  }
  throw new TypeError('the database URL must be sqlite:<path>, sqlite::memory: or postgres://<host>/<name>');
};
