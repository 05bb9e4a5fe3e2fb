import {
  createNoteStore,
  createPaymentIntentsRouter,
  type PaymentIntentsTables,
  paymentIntentsMigrations,
} from '@lab/payment-intents';
import { migrate, openDatabase } from '@lab/shared/database';
import { problemHandler } from '@lab/shared/http';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<PaymentIntentsTables>(databaseUrl);
  await migrate(db, [paymentIntentsMigrations]);
  const notes = createNoteStore(db, { now: () => new Date() });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createPaymentIntentsRouter({ notes }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
