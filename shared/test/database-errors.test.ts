import { ProblemError, serviceUnavailable } from '@lab/shared/http';
import { describe, expect, it } from 'vitest';
import { isLockTimeout, isUniqueViolation } from '../src/database/index.ts';
import { translatePostgresError } from '../src/database/postgres-errors.ts';
import { translateSqliteError } from '../src/database/sqlite-errors.ts';

const errorOf = (code: string, message = 'of the driver'): Error =>
  Object.assign(new Error(message), { code });

describe('errors of the drivers', () => {
  it.each([
    ['55P03', 'lock_timeout'],
    ['57014', 'statement_timeout'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['53100', 'disk_full'],
    ['53300', 'overloaded'],
    ['25006', 'read_only'],
    ['57P01', 'connection_lost'],
    ['57P03', 'connection_lost'],
    ['08006', 'connection_lost'],
    ['58030', 'io_error'],
    ['XX001', 'corrupted'],
  ])('of Postgres: %s is %s', (code, trouble) => {
    expect(translatePostgresError(errorOf(code))).toMatchObject({ trouble });
  });

  it.each(['Connection terminated unexpectedly', 'Query read timeout'])('of Postgres: "%s"', (message) => {
    expect(translatePostgresError(new Error(message))).toMatchObject({ trouble: 'connection_lost' });
  });

  it.each([
    ['SQLITE_BUSY_SNAPSHOT', 'lock_timeout'],
    ['SQLITE_FULL', 'disk_full'],
    ['SQLITE_READONLY_DIRECTORY', 'read_only'],
    ['SQLITE_IOERR_WRITE', 'io_error'],
    ['SQLITE_CORRUPT_INDEX', 'corrupted'],
    ['SQLITE_NOTADB', 'corrupted'],
    ['SQLITE_CANTOPEN', 'cannot_open'],
  ])('of SQLite: %s is %s', (code, trouble) => {
    expect(translateSqliteError(errorOf(code))).toMatchObject({ trouble });
  });

  it('carry their 503 and their cause, and nothing of the driver in the detail', () => {
    const cause = errorOf('55P03', 'on relation "carts"');
    const translated = translatePostgresError(cause);
    expect(translated).toBeInstanceOf(ProblemError);
    expect(translated).toMatchObject({ type: serviceUnavailable, status: 503, cause });
    expect(translated).toMatchObject({ headers: { 'Retry-After': '1' } });
    expect(translated).not.toMatchObject({ message: expect.stringContaining('carts') });
    expect(isLockTimeout(translated)).toBe(true);
  });

  it('stay as they are where the statement is at fault', () => {
    const duplicate = errorOf('23505');
    expect(translatePostgresError(duplicate)).toBe(duplicate);
    expect(isUniqueViolation(duplicate)).toBe(true);
    const syntax = errorOf('SQLITE_ERROR');
    expect(translateSqliteError(syntax)).toBe(syntax);
  });
});
