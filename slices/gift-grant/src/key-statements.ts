import { type Executor, type Param, prepareQuery } from '@lab/shared/database';
import { sql } from 'kysely';
import type { IdempotencyTables } from './idempotency-keys.ts';

/** The database or transaction with the keys. */
export type Keys = Executor<IdempotencyTables>;

/** The values that a request writes for its key. Times are in milliseconds since 1970. */
export type Claim = { scope: string; key: string; fingerprint: string; now: number; expiresAt: number };

/** Finds the key if it is taken and has not expired. */
export const findKey = prepareQuery((db: Keys, param: Param<Claim>) =>
  db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'response'])
    .where('scope', '=', param('scope'))
    .where('key', '=', param('key'))
    .where('expires_at', '>', param('now')),
);

/**
 * Takes the key if it is free or expired, and only then returns a row. If another transaction is taking the key, this
 * statement waits for it to end. The primary key guarantees this; no lookup comes first.
 */
export const claimKey = prepareQuery((db: Keys, param: Param<Claim>) => {
  const taken = {
    fingerprint: param('fingerprint'),
    response: sql<null>`null`,
    expires_at: param('expiresAt'),
  };
  return db
    .insertInto('idempotency_keys')
    .values({ scope: param('scope'), key: param('key'), ...taken })
    .onConflict((conflict) =>
      conflict
        .columns(['scope', 'key'])
        .doUpdateSet(taken)
        .where('idempotency_keys.expires_at', '<=', param('now')),
    )
    .returning('key');
});

/** Stores the response under a key that this transaction has claimed. */
export const storeResponse = prepareQuery((db: Keys, param: Param<Claim & { response: string }>) =>
  db
    .updateTable('idempotency_keys')
    .set({ response: param('response') })
    .where('scope', '=', param('scope'))
    .where('key', '=', param('key')),
);
