/**
 * Problem: a call to another service leaves nothing in our database, so its entry needs a commit of its own, before the
 * call. One commit for each call costs an fsync for each call.
 * Guarantees: entries and completions that arrive while a commit is under way share the next one. `append` and
 * `complete` resolve when theirs is on disk. Completions of writes, which nobody waits for, are collected for some
 * milliseconds. While the store is away, completions are kept, up to a limit, and tried again.
 * Does NOT guarantee: the completion of an entry whose process dies. Such an entry is given up as `unknown`
 * (see abandoned-entries.ts), and that is also what becomes of completions beyond the limit.
 */
import { transact } from '@lab/shared/database';
import type { Kysely } from 'kysely';
import {
  type AuditTables,
  type Completion,
  completeBatch,
  insertBatch,
  type StartedEntry,
} from '../audit/audit-statements.ts';

const BATCH = 500;
const MOST_WAITING = 10_000;
const RETRY_PAUSE_MS = 250;

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface AuditRecorder {
  /** Resolves when the entry is on disk. Rejects if it cannot be stored, or if 10,000 others are waiting. */
  readonly append: (entry: StartedEntry) => Promise<void>;
  /** Resolves when the completion is on disk, or when the store cannot take it now. Then it is tried again. */
  readonly complete: (completion: Completion) => Promise<void>;
  /** Completes within `delayMs`. Nobody waits for it. */
  readonly completeSoon: (completion: Completion) => void;
  /** Writes what is waiting, then resolves. */
  readonly stop: () => Promise<void>;
}

export interface RecorderDeps {
  readonly db: Kysely<AuditTables>;
  readonly onError: (error: unknown) => void;
}

const itemsOf = <Item>(waiting: readonly Waiting<Item>[]): readonly Item[] => waiting.map(({ item }) => item);

const ignore = (): void => undefined;

export const createAuditRecorder = (
  { db, onError }: RecorderDeps,
  { delayMs }: { readonly delayMs: number },
): AuditRecorder => {
  const appends: Waiting<StartedEntry>[] = [];
  const completions: Waiting<Completion>[] = [];
  let alarm = Promise.withResolvers<void>();
  let delay: NodeJS.Timeout | undefined;
  let isStopping = false;

  const wake = (): void => {
    clearTimeout(delay);
    delay = undefined;
    alarm.resolve();
  };

  const wakeIn = (ms: number): void => {
    delay ??= setTimeout(wake, ms).unref();
  };

  const store = (entries: readonly Waiting<StartedEntry>[], done: readonly Waiting<Completion>[]) =>
    transact(db, async (trx) => {
      if (entries.length > 0) await insertBatch(trx, itemsOf(entries));
      if (done.length > 0) await completeBatch(trx, itemsOf(done));
    });

  /** Writes one batch. Resolves with whether it is on disk. */
  const write = async (): Promise<boolean> => {
    const [entries, done] = [appends.splice(0, BATCH), completions.splice(0, BATCH)];
    try {
      await store(entries, done);
      for (const { resolve } of entries) resolve();
      return true;
    } catch (error) {
      onError(error);
      for (const { reject } of entries) reject(error);
      completions.unshift(...done);
      return false;
    } finally {
      for (const { resolve } of done) resolve();
    }
  };

  /** The loop begins here, and not in a request, whose context it would keep. */
  const run = async (): Promise<void> => {
    for (;;) {
      await alarm.promise;
      alarm = Promise.withResolvers<void>();
      const isWritten = await write();
      const left = appends.length + completions.length;
      if (isStopping && (left === 0 || !isWritten)) return;
      if (!isWritten) wakeIn(RETRY_PAUSE_MS);
      else if (isStopping || appends.length > 0 || completions.length >= BATCH) wake();
    }
  };

  const ended = run();

  return {
    append: (item) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (isStopping || appends.length >= MOST_WAITING)
        reject(new Error('too many audit entries are waiting'));
      else appends.push({ item, resolve, reject });
      wake();
      return promise;
    },
    complete: (item) => {
      if (completions.length >= MOST_WAITING) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      completions.push({ item, resolve, reject });
      wake();
      return promise;
    },
    completeSoon: (item) => {
      if (completions.length >= MOST_WAITING) return;
      completions.push({ item, resolve: ignore, reject: ignore });
      wakeIn(delayMs);
    },
    stop: async () => {
      isStopping = true;
      wake();
      await ended;
    },
  };
};
