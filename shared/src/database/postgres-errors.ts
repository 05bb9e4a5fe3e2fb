import {
  codeOf,
  DatabaseStartError,
  DatabaseUnavailableError,
  findTrouble,
  type TroubleTable,
} from './database-errors.ts';

/** SQLSTATE codes and classes (PostgreSQL documentation, appendix A). */
const troubleByState: TroubleTable = [
  ['55P03', 'lock_timeout'],
  ['57014', 'statement_timeout'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['53100', 'disk_full'],
  ['53', 'overloaded'],
  ['25006', 'read_only'],
  ['25P03', 'connection_lost'],
  ['57P', 'connection_lost'],
  ['08', 'connection_lost'],
  ['58', 'io_error'],
  ['XX001', 'corrupted'],
  ['XX002', 'corrupted'],
];

// The pg package identifies these only by message.
const brokenConnection =
  /^(Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed)/;

/** Whether the server did not respond to a statement in time. Its connection is then unusable. */
export const isAnswerTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout';

const troubleOf = (error: unknown) => {
  const isBroken = error instanceof Error && ('syscall' in error || brokenConnection.test(error.message));
  return isBroken ? 'connection_lost' : findTrouble(error, troubleByState);
};

/** The error to throw for a statement's error: a 503 if the statement is not at fault, else the error itself. */
export const translatePostgresError = (error: unknown): unknown => {
  const trouble = troubleOf(error);
  return trouble === undefined ? error : new DatabaseUnavailableError(trouble, { cause: error });
};

const remedyOf = (code: string | undefined): string => {
  if (code === '3D000') return 'Create that database, or correct DATABASE_URL.';
  if (code?.startsWith('28')) return 'Correct the user or the password in DATABASE_URL.';
  return 'Start Postgres there, or correct DATABASE_URL.';
};

/** For the operator, in one line: the server and the database, never the user's password. */
export const postgresStartError = (connectionString: string, cause: unknown): DatabaseStartError => {
  const { host, pathname } = new URL(connectionString);
  // A connection refused by several addresses has a code but no message.
  const reason = (cause instanceof Error && cause.message) || codeOf(cause) || 'unknown reason';
  const where = `database "${pathname.slice(1)}" on ${host || 'the default host'}`;
  const message = `Cannot connect to the Postgres ${where} of DATABASE_URL: ${reason}. ${remedyOf(codeOf(cause))}`;
  return new DatabaseStartError('no_connection', message, { cause });
};
