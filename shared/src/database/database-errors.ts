import { serviceUnavailable } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

/** What keeps the database from doing its work. Clients read the texts, so they name no file, host or statement. */
const troubles = {
  lock_timeout: 'Other requests held the same data for too long.',
  statement_timeout: 'The database took too long to answer.',
  conflict: 'Requests that change the same data kept colliding.',
  no_connection: 'No connection to the database was available in time.',
  connection_lost: 'The connection to the database broke. A change may or may not have been stored.',
  overloaded: 'The database has too few resources left.',
  disk_full: 'The disk of the database is full.',
  read_only: 'The database is read-only.',
  io_error: 'The disk of the database reports errors.',
  corrupted: 'The data of the database is corrupted.',
  cannot_open: 'The database file cannot be opened.',
  file_gone: 'The database file was removed or replaced while the server was running.',
} as const;

export type Trouble = keyof typeof troubles;

const retryAfterS = 1;

/** The database could not do what was asked, through no fault of the statement. It carries its own 503. */
export class DatabaseUnavailableError extends ProblemError {
  override readonly name: string = 'DatabaseUnavailableError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    const headers = { 'Retry-After': String(retryAfterS) };
    super(serviceUnavailable, { detail: troubles[trouble], headers, ...options });
    this.trouble = trouble;
  }
}

/** The database could not be opened. The message is one line for the operator; clients still read the 503's detail. */
export class DatabaseStartError extends DatabaseUnavailableError {
  override readonly name = 'DatabaseStartError';
  /** Tells launchers that the message explains itself and needs no stack trace. */
  readonly code = 'DATABASE_START';

  constructor(trouble: Trouble, message: string, options?: ErrorOptions) {
    super(trouble, options);
    this.message = message;
  }
}

/** The code of a driver's or of the system's error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Prefixes of a driver's error codes, each with what it means; the first that fits counts. */
export type TroubleTable = readonly (readonly [prefix: string, trouble: Trouble])[];

export const findTrouble = (error: unknown, table: TroubleTable): Trouble | undefined => {
  const code = codeOf(error);
  return table.find(([prefix]) => code?.startsWith(prefix))?.[1];
};

const uniqueViolations = ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'];

/**
 * Whether a row with this key exists already. On Postgres the error has also ended its transaction; inside of one,
 * `on conflict do nothing` is the way that works on both engines.
 */
export const isUniqueViolation = (error: unknown): boolean => uniqueViolations.includes(codeOf(error) ?? '');

const hasTrouble = (error: unknown, trouble: Trouble): boolean =>
  error instanceof DatabaseUnavailableError && error.trouble === trouble;

/** Whether a lock was not free in time: of a row on Postgres, of the whole database on SQLite. */
export const isLockTimeout = (error: unknown): boolean => hasTrouble(error, 'lock_timeout');

/** Whether Postgres gave up this transaction in favor of another: a serialization failure or a deadlock. */
export const isSerializationConflict = (error: unknown): boolean => hasTrouble(error, 'conflict');
