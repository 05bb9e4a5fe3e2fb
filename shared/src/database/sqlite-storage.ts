/**
 * Problem: SQLite goes on with a file that was removed or replaced, so that what it acknowledges is gone after the
 * restart; and reads from its cache hide from a health check that nothing can be written anymore.
 * Guarantees: no commit is acknowledged whose file was no longer in its place when the commit began. A statement that
 * failed because of the disk keeps the database unhealthy until a probe can write; a corrupted file until the restart.
 * Does NOT guarantee: anything about pages that nobody reads. Damage there is noticed when they are.
 */
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { DatabaseUnavailableError, type Trouble } from './database-errors.ts';
import { translateSqliteError } from './sqlite-errors.ts';

const lasting: readonly Trouble[] = ['disk_full', 'read_only', 'io_error', 'corrupted', 'cannot_open'];

/** Needs 1 MiB more of the disk, and gives it back. A process that was killed in between leaves the table. */
const probe = `
  drop table if exists lab_disk_probe;
  create table lab_disk_probe as select zeroblob(1048576);
  drop table lab_disk_probe;`;

export interface Storage {
  /** Throws unless the file, its write-ahead log and that one's index, which holds the locks, are those that were opened. */
  readonly assertInPlace: () => void;
  /** Runs a call of the driver; throws its errors translated, and remembers those that tell of the disk. */
  readonly guard: <Result>(call: () => Result) => Result;
  /** Throws what is wrong. If that was the disk, and nobody else is writing, it first tries whether it still is. */
  readonly check: (isWriterFree: boolean) => void;
}

const identify = (path: string): string => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : 'none';
};

/** Watches over the file of an open database; `writer` has read from it, so that its write-ahead log exists. */
export const watchStorage = (path: string, writer: Database): Storage => {
  const files = path === ':memory:' ? [] : [path, `${path}-wal`, `${path}-shm`];
  const opened = files.map(identify);
  let trouble: DatabaseUnavailableError | undefined;

  const guard = <Result>(call: () => Result): Result => {
    try {
      return call();
    } catch (error) {
      const translated = translateSqliteError(error);
      if (translated instanceof DatabaseUnavailableError && lasting.includes(translated.trouble))
        trouble = translated;
      throw translated;
    }
  };

  const assertInPlace = (): void => {
    if (files.some((file, index) => identify(file) !== opened[index]))
      throw new DatabaseUnavailableError('file_gone');
  };

  const probeDisk = (): void => {
    try {
      guard(() => writer.exec(probe));
      trouble = undefined;
    } catch {
      // The trouble lasts and is remembered, or another process is writing.
    }
  };

  return {
    assertInPlace,
    guard,
    check: (isWriterFree) => {
      assertInPlace();
      if (trouble && trouble.trouble !== 'corrupted' && isWriterFree) probeDisk();
      if (trouble) throw trouble;
    },
  };
};
