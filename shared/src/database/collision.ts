import { isUniqueViolation } from './database-errors.ts';

const mostAttempts = 5;

/**
 * Runs an upsert, and again if it collides. Postgres sees a row that another connection adds at the same moment by any
 * of its unique columns, and `on conflict (column)` speaks of one; the next time the row is there, unless it was removed
 * and added again meanwhile. Inside of a transaction the collision has ended it, and is thrown.
 */
export const upsertAgainOnCollision = async <Result>(
  { isTransaction }: { readonly isTransaction: boolean },
  upsert: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upsert();
    } catch (error) {
      if (isTransaction || attempt === mostAttempts || !isUniqueViolation(error)) throw error;
    }
  }
};
