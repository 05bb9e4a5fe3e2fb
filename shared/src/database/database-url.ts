/** Where the data lives. The Postgres address includes credentials: pass it only to the driver. */
export type DatabaseAddress =
  /** `:memory:` is a database that disappears when it is closed. */
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly connectionString: string };

const canDecode = ({ username, password, pathname }: URL): boolean => {
  try {
    return [username, password, pathname].every((part) => decodeURIComponent(part) !== undefined);
  } catch {
    return false;
  }
};

/** What is wrong with a database URL, without repeating any of it: it may contain a password. */
export const describeUrlFault = (url: string): string | undefined => {
  if (url.startsWith('sqlite:'))
    return url.slice('sqlite:'.length).trim() ? undefined : 'must name a file after "sqlite:"';
  if (!/^postgres(ql)?:\/\//.test(url))
    return 'must be sqlite:<path>, sqlite::memory: or postgres://<host>/<name>';
  if (!URL.canParse(url)) return 'starts with "postgres:" but is not a valid URL';
  if (!canDecode(new URL(url))) return 'contains a "%" that must be written as "%25"';
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
