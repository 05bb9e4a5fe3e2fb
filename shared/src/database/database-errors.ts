import { serviceUnavailable } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

/** Why the database is not available. Clients read these texts, so they name no file, host or statement. */
const troubles = {
  lock_timeout: 'Other requests held the same data for too long.',
  statement_timeout: 'The database took too long to answer.',
  conflict: 'Requests that change the same data kept conflicting.',
  no_connection: 'No connection to the database was available in time.',
  connection_lost: 'The connection to the database was lost. A change may or may not have been stored.',
  overloaded: 'The database is out of resources.',
  disk_full: 'The database disk is full.',
  read_only: 'The database is read-only.',
  io_error: 'The database disk reports errors.',
  corrupted: 'The database is corrupted.',
  cannot_open: 'The database file cannot be opened.',
  file_gone: 'The database file was removed or replaced while the server was running.',
} as const;

export type Trouble = keyof typeof troubles;

const retryAfterS = 1;

/** The database failed for a reason other than the statement itself. Clients get 503. */
export class DatabaseUnavailableError extends ProblemError {
  override readonly name: string = 'DatabaseUnavailableError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    const headers = { 'Retry-After': String(retryAfterS) };
    super(serviceUnavailable, { detail: troubles[trouble], headers, ...options });
    this.trouble = trouble;
  }
}

/** The database could not be opened. The message is one line for the operator; clients get the detail of the 503. */
export class DatabaseStartError extends DatabaseUnavailableError {
  override readonly name = 'DatabaseStartError';
  /** Tells launchers that the message explains itself and needs no stack trace. */
  readonly code = 'DATABASE_START';

  constructor(trouble: Trouble, message: string, options?: ErrorOptions) {
    super(trouble, options);
    this.message = message;
  }
}

/** The code of a driver's or system error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Prefixes of a driver's error codes with their meanings. The first match counts. */
export type TroubleTable = readonly (readonly [prefix: string, trouble: Trouble])[];

export const findTrouble = (error: unknown, table: TroubleTable): Trouble | undefined => {
  const code = codeOf(error);
  return table.find(([prefix]) => code?.startsWith(prefix))?.[1];
};

const uniqueViolations = ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'];

/**
 * Whether a row with this key already exists. On Postgres the error also aborts the transaction, so inside a
 * transaction use `on conflict do nothing`, which works on both engines.
 */
export const isUniqueViolation = (error: unknown): boolean => uniqueViolations.includes(codeOf(error) ?? '');

const hasTrouble = (error: unknown, trouble: Trouble): boolean =>
  error instanceof DatabaseUnavailableError && error.trouble === trouble;

/** Whether the wait for a lock took too long: on a row in Postgres, on the whole database in SQLite. */
export const isLockTimeout = (error: unknown): boolean => hasTrouble(error, 'lock_timeout');

/** Whether the transaction was given up because of another: on Postgres a serialization failure or a deadlock. */
export const isSerializationConflict = (error: unknown): boolean => hasTrouble(error, 'conflict');
