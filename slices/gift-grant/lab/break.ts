import { randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase } from '@lab/shared/database';
import { createGiftStore, giftMigrations } from '../src/gift-store.ts';
import { createIdempotency, type Idempotency } from '../src/idempotency.ts';
import { idempotencyMigrations } from '../src/idempotency-keys.ts';
import { type GiftGrantTables, grantOperation } from '../src/router.ts';
import { plantedBugs } from '../test/planted-bugs.ts';

const KEYS = 100;
const ATTEMPTS = 5;

const now = () => new Date();
const db = openDatabase<GiftGrantTables>('sqlite::memory:');
await migrate(db, [idempotencyMigrations, giftMigrations]);

/** Every client sends its request five times at once, as impatient ones do; resolves with how many gifts there are. */
const grantAll = async (idempotency: Idempotency<201>): Promise<number> => {
  const attempt = (sku: string) =>
    idempotency.run(db, { scope: 'lab', key: sku, payload: { sku } }, async (trx) => {
      const gifts = createGiftStore(trx.withTables<GiftGrantTables>(), { now, newId: randomUUIDv7 });
      const { id } = await gifts.grant({ userId: '1', sku, message: null });
      return { status: 201, headers: {}, body: id };
    });
  await db.deleteFrom('gifts').execute();
  const keys = Array.from({ length: KEYS }, (_, index) => `key-${index}`);
  await Promise.all(keys.flatMap((key) => Array.from({ length: ATTEMPTS }, () => attempt(key))));
  return (await db.selectFrom('gifts').select('id').execute()).length;
};

const naive = await plantedBugs.get('no unique constraint')?.(db);
const correct = createIdempotency({ now }, { ...grantOperation, ttlMs: 60_000 });

console.log(`${KEYS} gifts are wanted, each request is sent ${ATTEMPTS} times at once`);
if (naive) console.log(`look for the key, then write: ${await grantAll(naive)} gifts`);
console.log(`slices/gift-grant:            ${await grantAll(correct)} gifts`);
await db.destroy();
