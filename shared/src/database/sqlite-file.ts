import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { isLockTimeout } from './database-errors.ts';
import { sqliteStartError, translateSqliteError } from './sqlite-errors.ts';

// Within these SQLite itself waits and blocks the thread; beyond them we wait, and other requests go on.
const BUSY_TIMEOUT_MS = 5;
const LONGEST_PAUSE_MS = 8;

interface Wait {
  readonly timeoutMs: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const retryWhileBusy = async <Result>(
  attempt: () => Result,
  { timeoutMs, signal }: Wait,
): Promise<Result> => {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await sleep(pauseMs);
    signal?.throwIfAborted();
    try {
      return attempt();
    } catch (error) {
      if (!isLockTimeout(error) || performance.now() >= deadline) throw error;
    }
  }
};

/** Tries again while another process holds the file's lock, without blocking the thread. */
export const whenNotBusy = <Result>(attempt: () => Result, wait: Wait): Result | Promise<Result> => {
  try {
    return attempt();
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    return retryWhileBusy(attempt, wait);
  }
};

const translated = <Result>(call: () => Result): Result => {
  try {
    return call();
  } catch (error) {
    throw translateSqliteError(error);
  }
};

/**
 * WAL lets readers go on beside the writer; synchronous=FULL makes each commit wait for its fsync, so that what was
 * acknowledged survives a power cut (the build's default under WAL, NORMAL, does not).
 */
const configure = async (writer: Sqlite.Database, timeoutMs: number): Promise<void> => {
  await whenNotBusy(() => translated(() => writer.pragma('journal_mode = WAL')), { timeoutMs });
  writer.pragma('synchronous = FULL');
  writer.pragma('foreign_keys = ON');
  // The first read opens the write-ahead log, and finds out whether the file is a database.
  const read = writer.prepare('select count(*) from sqlite_schema');
  await whenNotBusy(() => translated(() => read.get()), { timeoutMs });
};

/** Opens the connection that writes. Rejects with a DatabaseStartError for a file that does not serve. */
export const openWriter = async (path: string, timeoutMs: number): Promise<Sqlite.Database> => {
  let writer: Sqlite.Database | undefined;
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    writer = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
    if (path !== ':memory:') accessSync(path, constants.W_OK);
    await configure(writer, timeoutMs);
    return writer;
  } catch (error) {
    writer?.close();
    throw sqliteStartError(path, error);
  }
};

/** A second connection that only reads. A memory database has none: each connection would be a database of its own. */
export const openReader = (path: string): Sqlite.Database | undefined =>
  path === ':memory:' ? undefined : new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, readonly: true });
