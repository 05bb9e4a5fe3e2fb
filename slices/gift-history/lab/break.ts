import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { migrate, openDatabase } from '@lab/shared/database';
import type { Position } from '@lab/shared/pagination';
import { type GiftRow, giftHistoryMigrations, giftPage } from '../src/gift-list.ts';

const GIFTS = 300;
const PAGE = 20;
const ARRIVALS = 3;

const db = openDatabase<GiftTables>('sqlite::memory:');
await migrate(db, [giftMigrations, giftHistoryMigrations]);

let made = 0;
const grant = async (count: number): Promise<void> => {
  const gifts = Array.from({ length: count }, (): GiftRow => {
    made += 1;
    const id = String(made).padStart(6, '0');
    return { id, user_id: '1', sku: 'X', message: null, status: 'granted', created_at: made };
  });
  await db.insertInto('gifts').values(gifts).execute();
};

/** Reads page after page while gifts are granted between them; resolves with how many rows came a second time. */
const repeatsOf = async (nextPage: (shown: readonly GiftRow[]) => Promise<GiftRow[]>): Promise<number> => {
  await db.deleteFrom('gifts').execute();
  await grant(GIFTS);
  const shown: GiftRow[] = [];
  for (let isLast = false; !isLast; ) {
    const page = await nextPage(shown);
    shown.push(...page);
    isLast = page.length < PAGE;
    await grant(ARRIVALS);
  }
  return shown.length - new Set(shown.map(({ id }) => id)).size;
};

const byOffset = (shown: readonly GiftRow[]) =>
  giftPage(db, {}, { count: PAGE }).offset(shown.length).execute();

const byKeyset = (shown: readonly GiftRow[]) => {
  const last = shown.at(-1);
  const after: Position | undefined = last && [last.created_at, last.id];
  return giftPage(db, {}, { count: PAGE, after }).execute();
};

console.log(`${GIFTS} gifts in pages of ${PAGE}, ${ARRIVALS} new ones granted between two pages`);
console.log(`OFFSET:              ${await repeatsOf(byOffset)} gifts shown twice`);
console.log(`slices/gift-history: ${await repeatsOf(byKeyset)} gifts shown twice`);
await db.destroy();
