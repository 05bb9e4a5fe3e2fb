/** Where the data lives. The Postgres address keeps its credentials: hand it to the driver and to nobody else. */
export type DatabaseAddress =
  /** `:memory:` for a database that is gone when it is closed. */
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly connectionString: string };

const canDecode = ({ username, password, pathname }: URL): boolean => {
  try {
    return [username, password, pathname].every((part) => decodeURIComponent(part) !== undefined);
  } catch {
    return false;
  }
};

/** What is wrong with a database URL, without repeating any of it: it may hold a password. */
export const describeUrlFault = (url: string): string | undefined => {
  if (url.startsWith('sqlite:'))
    return url.slice('sqlite:'.length).trim() ? undefined : 'names no file after "sqlite:"';
  if (!/^postgres(ql)?:\/\//.test(url))
    return 'must be sqlite:<path>, sqlite::memory: or postgres://<host>/<name>';
  if (!URL.canParse(url)) return 'begins with "postgres:" but is not a valid URL';
  if (!canDecode(new URL(url))) return 'has a "%" that must be written as "%25"';
  return undefined;
};

/** Reads `sqlite:<path>`, `sqlite::memory:`, `postgres://...` or `postgresql://...`. Throws a TypeError for others. */
export const parseDatabaseUrl = (url: string): DatabaseAddress => {
  const fault = describeUrlFault(url);
  if (fault !== undefined) throw new TypeError(`the database URL ${fault}`);
  return url.startsWith('sqlite:')
    ? { engine: 'sqlite', path: url.slice('sqlite:'.length) }
    : { engine: 'postgres', connectionString: url };
};
