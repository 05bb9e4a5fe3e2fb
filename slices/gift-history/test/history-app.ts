import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { type DatabaseOptions, migrate } from '@lab/shared/database';
import { type Callers, requireCaller } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createTestApp, type DatabaseEngine } from '@lab/testing';
import type { GiftRow } from '../src/gift-list.ts';
import { giftHistoryMigrations } from '../src/migrations.ts';
import { createGiftHistoryRouter } from '../src/router.ts';

export const NOON_MS = Date.parse('2026-11-20T12:00:00.000Z');

/** An app with the list on an empty table, and functions to insert and remove gifts. */
export const openHistory = async (engine: DatabaseEngine, callers?: Callers, options?: DatabaseOptions) => {
  const { db, url } = await engine.open<GiftTables>(options);
  await migrate(db, [giftMigrations, giftHistoryMigrations]);
  const cursors = createCursors({ secret: 'a secret of this test', list: 'gifts' });
  const open = createGiftHistoryRouter({ db, cursors });
  const router = callers ? requireCaller(open, callers, { listGifts: 'either' }) : open;
  let made = 0;
  const insert = async (gift: Partial<GiftRow> = {}): Promise<string> => {
    // Ids are in no order, so that any order comes from the statement.
    made += 1;
    const id = `019a0000-0000-7000-8000-${String((made * 7919) % 999_983).padStart(12, '0')}`;
    const row: GiftRow = {
      id,
      user_id: '1',
      sku: 'X',
      message: null,
      status: 'granted',
      created_at: NOON_MS,
      ...gift,
    };
    await db.insertInto('gifts').values(row).execute();
    return id;
  };
  const remove = async (id: string): Promise<void> => {
    await db.deleteFrom('gifts').where('id', '=', id).execute();
  };
  return { app: createTestApp([router]), db, url, insert, remove };
};
