import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { isLockTimeout } from './database-errors.ts';
import { sqliteStartError, translateSqliteError } from './sqlite-errors.ts';

// For this long SQLite itself waits, which blocks the thread. After that we wait, and other requests continue.
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
 * WAL lets readers run alongside the writer. With synchronous=FULL each commit waits for its fsync, so acknowledged
 * writes survive a power cut (with NORMAL, this build's default under WAL, they may not).
 */
const configure = async (writer: Sqlite.Database, timeoutMs: number): Promise<void> => {
  await whenNotBusy(() => translated(() => writer.pragma('journal_mode = WAL')), { timeoutMs });
  writer.pragma('synchronous = FULL');
  writer.pragma('foreign_keys = ON');
  // A savepoint keeps copies of the pages that it changes, by default in a file.
  writer.pragma('temp_store = MEMORY');
  // The first read opens the write-ahead log and fails if the file is not a database.
  const read = writer.prepare('select count(*) from sqlite_schema');
  await whenNotBusy(() => translated(() => read.get()), { timeoutMs });
};

/** Opens the connection that writes. Rejects with a DatabaseStartError if the file cannot be used. */
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

/** A second connection that only reads. A memory database has none: each connection would open a separate database. */
export const openReader = (path: string): Sqlite.Database | undefined =>
  path === ':memory:' ? undefined : new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, readonly: true });
