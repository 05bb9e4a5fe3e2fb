import { randomUUIDv7 } from 'node:crypto';
import {
  createGiftRouter,
  createIdempotency,
  type GiftTables,
  giftMigrations,
  type IdempotencyTables,
  idempotencyMigrations,
} from '@lab/gift-grant';
import { migrate, openDatabase } from '@lab/shared/database';
import { problemHandler } from '@lab/shared/http';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<GiftTables & IdempotencyTables>(databaseUrl);
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  const now = () => new Date();
  const idempotency = createIdempotency({ now }, { ttlMs: 86_400_000 });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createGiftRouter({ db, idempotency, now, newId: randomUUIDv7 }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
