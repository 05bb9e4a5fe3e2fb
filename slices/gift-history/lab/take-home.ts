import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { createGiftHistoryRouter, giftHistoryMigrations, seedGifts } from '@lab/gift-history';
import { migrate, openDatabase } from '@lab/shared/database';
import { problemHandler } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<GiftTables>(databaseUrl);
  await migrate(db, [giftMigrations, giftHistoryMigrations]);
  await seedGifts(db, { now: () => new Date() });
  const cursors = createCursors({ secret: 'a secret of at least 32 characters', list: 'gifts' });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createGiftHistoryRouter({ db, cursors }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
