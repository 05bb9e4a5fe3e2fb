import {
  DatabaseStartError,
  DatabaseUnavailableError,
  findTrouble,
  type Trouble,
  type TroubleTable,
} from './database-errors.ts';

/** Result codes of SQLite, https://sqlite.org/rescode.html */
const troubleByCode: TroubleTable = [
  ['SQLITE_BUSY', 'lock_timeout'],
  ['SQLITE_LOCKED', 'lock_timeout'],
  ['SQLITE_PROTOCOL', 'lock_timeout'],
  ['SQLITE_FULL', 'disk_full'],
  ['SQLITE_READONLY', 'read_only'],
  ['SQLITE_IOERR', 'io_error'],
  ['SQLITE_CORRUPT', 'corrupted'],
  ['SQLITE_NOTADB', 'corrupted'],
  ['SQLITE_CANTOPEN', 'cannot_open'],
  ['SQLITE_NOMEM', 'overloaded'],
];

/** The error to throw for a driver's error: a 503 if the statement is not at fault, else the error itself. */
export const translateSqliteError = (error: unknown): unknown => {
  const trouble = findTrouble(error, troubleByCode);
  return trouble === undefined ? error : new DatabaseUnavailableError(trouble, { cause: error });
};

const remedies: Partial<Record<Trouble, string>> = {
  lock_timeout: 'Stop the process that has locked it',
  disk_full: 'Free some space',
  corrupted: 'Restore it from a backup, or move it away to start with an empty database',
};

/** For the operator, in one line, from a driver's or system error. */
export const sqliteStartError = (path: string, error: unknown): DatabaseStartError => {
  const cause = error instanceof DatabaseUnavailableError ? error.cause : error;
  const trouble = findTrouble(cause, troubleByCode) ?? 'cannot_open';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = remedies[trouble] ?? 'Make the file and its folder writable for this user';
  const message = `Cannot open the file ${path} of DATABASE_URL: ${reason}. ${remedy}, or set DATABASE_URL to another file.`;
  return new DatabaseStartError(trouble, message, { cause });
};
