import { randomUUIDv7 } from 'node:crypto';
import {
  type CartTables,
  cartMigrations,
  createCartRouter,
  createCartStore,
  createFixedPriceList,
} from '@lab/cart-pricing';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<CartTables>(databaseUrl);
  await migrate(db, [cartMigrations]);
  const carts = createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 });
  const callers = createCallers({
    authTokens: new Map([['token-of-user-7', 7]]),
    adminToken: 'a secret of at least 32 characters',
    trustUserHeader: false,
  });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createCartRouter({ carts, prices: createFixedPriceList(), callers }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
