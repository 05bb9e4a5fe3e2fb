import {
  type CatalogTables,
  catalogMigrations,
  createCatalogRouters,
  createProductStore,
} from '@lab/catalog-pagination';
import { migrate, openDatabase } from '@lab/shared/database';
import { problemHandler } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<CatalogTables>(databaseUrl);
  await migrate(db, [catalogMigrations]);
  const products = createProductStore(db);
  const cursors = createCursors({ secret: 'a secret of at least 32 characters', list: 'products' });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', ...createCatalogRouters({ products, cursors }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
