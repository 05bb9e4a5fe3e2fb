import {
  createNoteStore,
  createOrderCheckoutRouter,
  type OrderCheckoutTables,
  orderCheckoutMigrations,
} from '@lab/order-checkout';
import { migrate, openDatabase } from '@lab/shared/database';
import { problemHandler } from '@lab/shared/http';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<OrderCheckoutTables>(databaseUrl);
  await migrate(db, [orderCheckoutMigrations]);
  const notes = createNoteStore(db, { now: () => new Date() });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createOrderCheckoutRouter({ notes }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
