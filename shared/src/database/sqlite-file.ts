import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { isSqliteBusy, LockTimeoutError } from './database-errors.ts';

// Within these SQLite itself waits and blocks the thread; beyond them we wait, and other requests go on.
const BUSY_TIMEOUT_MS = 5;
const LONGEST_PAUSE_MS = 8;

const retryWhileBusy = async <Result>(attempt: () => Result, timeoutMs: number): Promise<Result> => {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await sleep(pauseMs);
    try {
      return attempt();
    } catch (error) {
      if (!isSqliteBusy(error)) throw error;
      if (performance.now() >= deadline) {
        throw new LockTimeoutError(`another process held the database for ${timeoutMs} ms`, { cause: error });
      }
    }
  }
};

/** Tries again while another process holds the file's lock, for at most `timeoutMs`, without blocking the thread. */
export const whenNotBusy = <Result>(attempt: () => Result, timeoutMs: number): Result | Promise<Result> => {
  try {
    return attempt();
  } catch (error) {
    if (!isSqliteBusy(error)) throw error;
    return retryWhileBusy(attempt, timeoutMs);
  }
};

/**
 * The connection that writes. WAL lets readers go on beside it; synchronous=FULL makes each commit wait for its
 * fsync, so that what was acknowledged survives a power cut (the build's default under WAL, NORMAL, does not).
 */
export const openWriter = async (path: string, timeoutMs: number): Promise<Sqlite.Database> => {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const writer = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    await whenNotBusy(() => writer.pragma('journal_mode = WAL'), timeoutMs);
    writer.pragma('synchronous = FULL');
    writer.pragma('foreign_keys = ON');
    return writer;
  } catch (error) {
    writer.close();
    throw error;
  }
};

/** A second connection that only reads. A memory database has none: each connection would be a database of its own. */
export const openReader = (path: string): Sqlite.Database | undefined =>
  path === ':memory:' ? undefined : new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, readonly: true });
