/**
 * Problem: a call to another service leaves nothing in our database, so its entry needs a commit of its own, before the
 * call. One commit for each call costs an fsync for each call.
 * Guarantees: entries and completions that arrive while a commit is under way share the next one. `append` and
 * `complete` resolve when theirs is on disk. Completions of writes, which nobody waits for, are collected for the next
 * commit of the sealer (`takeLate`), or for one of their own if it does not come. While the store is away, completions are
 * kept, up to a limit, and tried again.
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
  /** Completes within `delayMs`, unless `takeLate` comes first. Nobody waits for it. */
  readonly completeSoon: (completion: Completion) => void;
  /** Hands over completions that nobody waits for, 500 at most, to a transaction that is due anyway. */
  readonly takeLate: () => readonly Completion[];
  /** Writes what is waiting, then resolves. */
  readonly stop: () => Promise<void>;
}

export interface RecorderDeps {
  readonly db: Kysely<AuditTables>;
  readonly onError: (error: unknown) => void;
}

const itemsOf = <Item>(waiting: readonly Waiting<Item>[]): readonly Item[] => waiting.map(({ item }) => item);

export const createAuditRecorder = (
  { db, onError }: RecorderDeps,
  { delayMs }: { readonly delayMs: number },
): AuditRecorder => {
  const appends: Waiting<StartedEntry>[] = [];
  const completions: Waiting<Completion>[] = [];
  const late: Completion[] = [];
  let alarm = Promise.withResolvers<void>();
  let delay: NodeJS.Timeout | undefined;
  let isStopping = false;

  const cancelDelay = (): void => {
    clearTimeout(delay);
    delay = undefined;
  };

  const wake = (): void => {
    cancelDelay();
    alarm.resolve();
  };

  const wakeIn = (ms: number): void => {
    delay ??= setTimeout(wake, ms).unref();
  };

  const store = (entries: readonly StartedEntry[], done: readonly Completion[]) =>
    transact(db, async (trx) => {
      if (entries.length > 0) await insertBatch(trx, entries);
      if (done.length > 0) await completeBatch(trx, done);
    });

  /** Writes one batch. Resolves with whether it is on disk. */
  const write = async (): Promise<boolean> => {
    const [entries, done] = [appends.splice(0, BATCH), completions.splice(0, BATCH)];
    const unwaited = late.splice(0, BATCH);
    if (entries.length + done.length + unwaited.length === 0) return true;
    try {
      await store(itemsOf(entries), [...itemsOf(done), ...unwaited]);
      for (const { resolve } of entries) resolve();
      return true;
    } catch (error) {
      onError(error);
      for (const { reject } of entries) reject(error);
      completions.unshift(...done);
      late.unshift(...unwaited);
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
      const left = appends.length + completions.length + late.length;
      if (isStopping && (left === 0 || !isWritten)) return;
      if (!isWritten) wakeIn(RETRY_PAUSE_MS);
      else if (isStopping || appends.length > 0 || completions.length + late.length >= BATCH) wake();
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
      if (late.length >= MOST_WAITING) return;
      late.push(item);
      wakeIn(delayMs);
    },
    takeLate: () => {
      // Nothing else waits for the time of the next commit, which therefore begins anew.
      if (appends.length + completions.length === 0) cancelDelay();
      return late.splice(0, BATCH);
    },
    stop: async () => {
      isStopping = true;
      wake();
      await ended;
    },
  };
};
