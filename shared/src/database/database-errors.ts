/** A lock was not free within `lockTimeoutMs`. Nothing was done: the caller may try again later. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

/** The database gave no connection: all were taken for too long, or it cannot be reached. Nothing was done. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
  /** By which a launcher tells it from a fault of the program. */
  readonly code = 'NO_CONNECTION';

  constructor(cause: unknown) {
    // A refusal by several addresses has a code and no message.
    const reason = (cause instanceof Error && cause.message) || codeOf(cause) || 'unknown reason';
    super(`no connection to the database: ${reason}`, { cause });
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const hasCode = (error: unknown, codes: readonly string[]): boolean => {
  const code = codeOf(error);
  return code !== undefined && codes.includes(code);
};

/**
 * Whether a row like this exists already. On Postgres the error has also ended the transaction it came from, so
 * that inside of one `on conflict do nothing` is the way that works on both engines.
 */
export const isUniqueViolation = (error: unknown): boolean =>
  hasCode(error, ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']);

/** Whether a lock was not free in time: of a row (Postgres 55P03) or of the database (SQLite). */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof LockTimeoutError || hasCode(error, ['55P03']);

/** Whether the database was too busy, or away, to do anything: the same may well succeed a moment later. */
export const isDatabaseBusy = (error: unknown): boolean =>
  error instanceof NoConnectionError || isLockTimeout(error);

/** Whether Postgres gave up this transaction for the sake of another: serialization failure or deadlock. */
export const isSerializationConflict = (error: unknown): boolean => hasCode(error, ['40001', '40P01']);

/** Whether another process or connection holds the lock of the SQLite file just now. */
export const isSqliteBusy = (error: unknown): boolean => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;
