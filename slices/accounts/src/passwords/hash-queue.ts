export interface HashQueueOptions {
  /** How many tasks run at once. */
  readonly concurrency: number;
  /** How many more may wait. */
  readonly maxWaiting: number;
}

/** All places are taken, and nothing was done. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

interface Waiting {
  readonly start: () => void;
  readonly leave: (reason: unknown) => void;
}

/**
 * Runs few tasks at once, in order of arrival, and lets few of them wait. A burst of logins then costs bounded memory,
 * and leaves threads for everything else. A task whose signal aborts while it waits leaves the queue.
 */
export const createHashQueue = ({ concurrency, maxWaiting }: HashQueueOptions) => {
  const waiting = new Set<Waiting>();
  let running = 0;

  const takePlace = (signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => place.leave(signal?.reason);
    const settle = (): void => {
      waiting.delete(place);
      signal?.removeEventListener('abort', onAbort);
    };
    const place: Waiting = {
      start: () => {
        settle();
        resolve();
      },
      leave: (reason) => {
        settle();
        reject(reason);
      },
    };
    signal?.addEventListener('abort', onAbort);
    waiting.add(place);
    return promise;
  };

  const requireRoom = (): void => {
    if (running >= concurrency && waiting.size >= maxWaiting)
      throw new QueueFullError('too many passwords wait to be hashed');
  };

  return {
    /** Throws a QueueFullError while all places are taken, so that no work is done in vain. */
    requireRoom,

    /** Rejects with a QueueFullError, with the signal's reason, or with what the task throws. */
    run: async <Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> => {
      signal?.throwIfAborted();
      requireRoom();
      if (running >= concurrency) await takePlace(signal);
      else running += 1;
      try {
        return await task();
      } finally {
        // The place is handed on rather than freed, so that a newcomer cannot take it first.
        const [next] = waiting;
        if (next) next.start();
        else running -= 1;
      }
    },
  };
};
