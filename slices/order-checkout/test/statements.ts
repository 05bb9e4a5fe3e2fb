import type { Kysely, Transaction } from 'kysely';

interface Watch {
  /** Called with the number of each statement before it runs, from 1. What it throws is what the statement fails with. */
  onStatement: ((number: number) => void) | undefined;
  count: number;
}

const connectionOf = <Tables>(trx: Transaction<Tables>): Promise<object> =>
  trx.getExecutor().provideConnection(async (connection) => Object.getPrototypeOf(connection));

/** Numbers all statements of this process from the call of `start` on, on every connection of the engine. */
export const watchStatements = async <Tables>(db: Kysely<Tables>) => {
  const prototype = await db.transaction().execute((trx) => connectionOf(trx));
  const original: unknown = Reflect.get(prototype, 'executeQuery');
  if (typeof original !== 'function') throw new TypeError('the connection runs no statements');
  const watch: Watch = { onStatement: undefined, count: 0 };
  const watched = function (this: object, ...args: unknown[]) {
    if (watch.onStatement) {
      watch.count += 1;
      watch.onStatement(watch.count);
    }
    return Reflect.apply(original, this, args);
  };
  Reflect.set(prototype, 'executeQuery', async function (this: object, ...args: unknown[]) {
    return watched.apply(this, args);
  });
  return {
    start: (onStatement: (number: number) => void): void => {
      watch.count = 0;
      watch.onStatement = onStatement;
    },
    /** Resolves with how many there were. */
    stop: (): number => {
      watch.onStatement = undefined;
      return watch.count;
    },
    restore: (): void => {
      Reflect.set(prototype, 'executeQuery', original);
    },
  };
};
