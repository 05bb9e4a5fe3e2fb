/**
 * Problem: a commit waits for the disk, and SQLite has one writer. A shop would sell no faster than its disk syncs.
 * How: transactions that wait for their turn join the one before. They run one after the other inside one
 * transaction of SQLite, each in a savepoint of its own, and one commit makes all of them durable.
 * Guarantees: nobody is told of anything before it is on disk, neither whoever wrote it nor whoever was refused because
 * of it. One that fails is rolled back alone. If SQLite gives up the whole group (a full disk, say), its members run
 * again (`transact` does that), each in a commit of its own, so that each gets the outcome that it would have had alone.
 * Does NOT guarantee: that the work runs only once. Nor a quick answer: a member that takes long keeps also those before
 * it waiting. Nor deferred constraints for each transaction: SQLite checks them at the commit. A violation gives up the
 * whole group, and is not seen if a later member puts it right.
 */
import { DatabaseUnavailableError, isSerializationConflict } from './database-errors.ts';
import type { Turns } from './turns.ts';

/** When a group takes no more members: the first one waits for its commit, and other processes wait for the lock. */
const LONGEST_MS = 20;
const MOST_MEMBERS = 100;
/** For so long after a group was given up, each transaction has a commit of its own. */
const APART_MS = 1000;

export interface GroupCommitDeps {
  readonly turns: Turns;
  /** Runs a statement on the writer. */
  readonly run: (sql: string) => unknown;
  /** Begins a transaction of SQLite, if need be after a wait for another process. */
  readonly open: (signal: AbortSignal | undefined) => Promise<unknown> | unknown;
  readonly isOpen: () => boolean;
  /** Throws if what would be committed could not be found again. */
  readonly assertInPlace: () => void;
}

/** The turns of this process on its writer. Each of these functions but `begin` ends the turn. */
export interface GroupCommit {
  /** Waits for a turn, and begins a transaction. If it rejects, the caller has no turn. */
  readonly begin: (signal?: AbortSignal) => Promise<void>;
  /** Resolves when the transaction is on disk. */
  readonly commit: () => Promise<void>;
  /**
   * Resolves when the transaction is undone, and what it has read of others is on disk. Rejects with a conflict if that
   * was never stored.
   */
  readonly rollback: () => Promise<void>;
  /** Waits for a turn, and runs work outside of any transaction. */
  readonly alone: <Result>(
    work: () => Result | Promise<Result>,
    signal?: AbortSignal | undefined,
  ) => Promise<Result>;
}

interface Group {
  readonly openedAtMs: number;
  readonly end: PromiseWithResolvers<void>;
  members: number;
  /** Why it cannot be committed. */
  fault: unknown;
}

const ignore = (): void => undefined;

const rolledBack = (): Error => new Error('SQLite has rolled this transaction back');

const givenUp = (cause: unknown): Error => new DatabaseUnavailableError('conflict', { cause });

export const createGroupCommit = ({
  turns,
  run,
  open,
  isOpen,
  assertInPlace,
}: GroupCommitDeps): GroupCommit => {
  let group: Group | undefined;
  let apartUntilMs = 0;

  /** On some errors SQLite has rolled back by itself. */
  const undo = (): void => {
    try {
      if (isOpen()) run('rollback');
    } catch {
      // The next one to begin tries again. To fail here would keep the turn forever.
    }
  };

  const close = ({ end, members, fault }: Group): void => {
    group = undefined;
    try {
      if (fault !== undefined) throw fault;
      if (!isOpen()) throw rolledBack();
      assertInPlace();
      run('commit');
      end.resolve();
    } catch (error) {
      end.reject(members > 1 ? givenUp(error) : error);
      if (members > 1) apartUntilMs = performance.now() + APART_MS;
      undo();
    }
  };

  const isComplete = ({ openedAtMs, members, fault }: Group): boolean => {
    const nowMs = performance.now();
    const isFull = members >= MOST_MEMBERS || nowMs - openedAtMs >= LONGEST_MS;
    return isFull || nowMs < apartUntilMs || fault !== undefined || !isOpen();
  };

  const closeIfIdle = (current: Group): void => {
    if (group === current && turns.isFree()) close(current);
  };

  /** Ends the turn. Resolves when the group is on disk. */
  const leave = (current: Group): Promise<void> => {
    if (isComplete(current)) close(current);
    // Requests that have arrived in the meantime get their turn first.
    else if (!turns.isAwaited()) setImmediate(() => closeIfIdle(current));
    turns.pass();
    return current.end.promise;
  };

  const join = async (signal: AbortSignal | undefined): Promise<void> => {
    if (group === undefined) {
      undo();
      await open(signal);
      const openedAtMs = performance.now();
      group = { openedAtMs, end: Promise.withResolvers(), members: 0, fault: undefined };
    }
    group.members += 1;
    run('savepoint member');
  };

  /** Ends the transaction with these statements, and the turn. Resolves when the group is on disk. */
  const endWith = async (...statements: readonly string[]): Promise<void> => {
    if (group === undefined) throw new Error('no transaction has begun');
    try {
      if (isOpen()) for (const statement of statements) run(statement);
    } catch (error) {
      group.fault = error;
    }
    await leave(group);
  };

  return {
    begin: async (signal) => {
      await turns.take(signal);
      try {
        await join(signal);
      } catch (error) {
        if (group) leave(group).catch(ignore);
        else turns.pass();
        throw error;
      }
    },
    commit: () => endWith('release member'),
    rollback: () =>
      endWith('rollback to member', 'release member').catch((error: unknown) => {
        // Alone, it has nothing to store, and fails for a reason of its own.
        if (isSerializationConflict(error)) throw error;
      }),
    alone: async (work, signal) => {
      await turns.take(signal);
      if (group) close(group);
      try {
        return await work();
      } finally {
        turns.pass();
      }
    },
  };
};
