import { randomUUIDv7 } from 'node:crypto';
import { catalogMigrations, loadSample } from '@lab/catalog-pagination';
import {
  createStockTable,
  createVariantRouters,
  prepareVariants,
  productVariantsMigrations,
  type VariantTables,
} from '@lab/product-variants';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<VariantTables>(databaseUrl);
  await migrate(db, [catalogMigrations, productVariantsMigrations]);
  await loadSample(db, 0);
  const stock = createStockTable();
  await prepareVariants(db, stock);

  const now = () => new Date();
  const cursors = createCursors({ secret: 'a secret of at least 32 characters', list: 'products' });
  const adminToken = 'another secret of at least 32 characters';
  const callers = createCallers({ authTokens: new Map(), adminToken, trustUserHeader: false });
  const routers = createVariantRouters({ db, stock, cursors, callers, now, newId: randomUUIDv7 });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', ...routers);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
