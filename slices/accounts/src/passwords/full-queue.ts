import { ProblemError, serviceUnavailable } from '@lab/shared/http';
import { QueueFullError } from './hash-queue.ts';

const RETRY_AFTER_S = '2';

/** The result of work that hashes a password, or 503 if too many of them wait already. Then `undo` runs first. */
export const answerFullQueue = async <Result>(
  work: Promise<Result>,
  undo: () => Promise<void> = async () => undefined,
): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    await undo();
    throw new ProblemError(serviceUnavailable, { headers: { 'Retry-After': RETRY_AFTER_S } });
  }
};
