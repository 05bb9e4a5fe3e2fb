/**
 * Problem: SQLite keeps using a file that was removed or replaced, so acknowledged writes are lost at the next restart.
 * And because it reads from its cache, a health check does not notice that nothing can be written anymore.
 * Guarantees: no commit is acknowledged if the file was no longer in place when the commit started. After a statement
 * fails because of the disk, the database is unhealthy until a probe can write; after corruption, until a restart.
 * Does NOT guarantee: anything about pages that are not read. Damage there is noticed when they are.
 */
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { DatabaseUnavailableError, type Trouble } from './database-errors.ts';
import { translateSqliteError } from './sqlite-errors.ts';

const lasting: readonly Trouble[] = ['disk_full', 'read_only', 'io_error', 'corrupted', 'cannot_open'];

/** Takes 1 MiB more of the disk and releases it. A process that is killed midway leaves the table behind. */
const probe = `
  drop table if exists lab_disk_probe;
  create table lab_disk_probe as select zeroblob(1048576);
  drop table lab_disk_probe;`;

export interface Storage {
  /** Throws unless the file, its write-ahead log and the index of the log (which holds the locks) are the ones that were opened. */
  readonly assertInPlace: () => void;
  /** Calls the driver; translates its errors, and remembers those caused by the disk. */
  readonly guard: <Result>(call: () => Result) => Result;
  /** Throws what is wrong. If that was the disk and the writer is free, it first checks whether it still is. */
  readonly check: (isWriterFree: boolean) => void;
}

const identify = (path: string): string => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : 'none';
};

/** Watches the file of an open database. `writer` must have read from it, so that its write-ahead log exists. */
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
      // The trouble persists and is remembered, or another process is writing.
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
