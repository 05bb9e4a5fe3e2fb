/** A history in a SQLite file, served by the slice's server, and two ways to page through it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { migrate, openDatabase } from '@lab/shared/database';
import { startSlice } from '@lab/testing/story';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { giftHistoryMigrations } from '../src/index.ts';
import { type NaiveQuery, naivePage, PAGE, readCursor, writeCursor } from './naive-history.ts';

const FIRST_MS = Date.parse('2026-11-20T12:00:00.000Z');

interface ShownPage {
  readonly ids: readonly string[];
  readonly next: string | null;
}

export type ReadPage = (query: NaiveQuery) => Promise<ShownPage>;

const pageSchema = z.looseObject({
  items: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
});

const idOf = (number: number): string => `019a0000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** Fills the table with gifts one millisecond apart, for users 1 and 2 in turn. */
const createGranter = (db: Kysely<GiftTables>) => {
  let made = 0;
  const nextGift = () => {
    made += 1;
    const rest = { sku: 'MOCHI-6', message: null, status: 'granted' as const };
    return { id: idOf(made), user_id: String(1 + (made % 2)), ...rest, created_at: FIRST_MS + made };
  };
  const grant = async (count: number): Promise<void> => {
    const gifts = Array.from({ length: count }, nextGift);
    for (let start = 0; start < count; start += 1_000) {
      const some = gifts.slice(start, start + 1_000);
      await db.insertInto('gifts').values(some).execute();
    }
  };
  /** Starts over with this many gifts. */
  const refill = async (count: number): Promise<void> => {
    await db.deleteFrom('gifts').execute();
    made = 0;
    await grant(count);
  };
  return { grant, refill };
};

/** Reads the list from the slice's server. */
const createReader = (url: string) => {
  const get = (query: Record<string, string | undefined>): Promise<Response> => {
    const search = new URLSearchParams({ limit: String(PAGE) });
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
    return fetch(`${url}/gifts?${search}`);
  };
  const ours: ReadPage = async ({ userId, from, cursor }) => {
    const response = await get({ user_id: userId, from, cursor });
    const { items, next_cursor: next } = pageSchema.parse(await response.json());
    return { ids: items.map(({ id }) => id), next };
  };
  return { get, ours };
};

export const openHistory = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-history-'));
  const path = join(folder, 'history.db');
  const url = `sqlite:${path}`;
  const db = openDatabase<GiftTables>(url);
  await migrate(db, [giftMigrations, giftHistoryMigrations]);
  const { grant, refill } = createGranter(db);
  await grant(1);
  const server = await startSlice(new URL('../src/server.ts', import.meta.url), { DATABASE_URL: url });

  const naive: ReadPage = async (query) => {
    const rows = await naivePage(db, query).execute();
    const shown = readCursor(query.cursor) + rows.length;
    return { ids: rows.map(({ id }) => id), next: rows.length < PAGE ? null : writeCursor(shown) };
  };
  const close = async (): Promise<void> => {
    await server.stop();
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { db, path, grant, refill, naive, ...createReader(server.url), close };
};

export type History = Awaited<ReturnType<typeof openHistory>>;
