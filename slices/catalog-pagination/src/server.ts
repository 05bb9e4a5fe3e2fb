import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf, migrate, openDatabase, ping } from '@lab/shared/database';
import { createApp, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import { catalogPaginationSettings } from './config.ts';
import { type CatalogTables, catalogMigrations, createProductStore } from './product-store.ts';
import { createCatalogRouters } from './router.ts';
import { prepareCatalogue } from './sample-catalogue.ts';

await launch(async () => {
  const { values: settings } = loadSettings(catalogPaginationSettings);
  const { logger, registry } = observeServer('catalog-pagination', settings);
  const db = openDatabase<CatalogTables>(settings.DATABASE_URL, databaseOptions(settings, logger));
  await migrate(db, [catalogMigrations]);
  await prepareCatalogue(db, settings.SEED_PRODUCTS);
  const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'products' });
  const routers = createCatalogRouters({ products: createProductStore(db), cursors });

  const about = { title: 'Catalogue', description: 'Pages through a million products.', version: '0.1.0' };
  const network = networkOptions(settings);
  const health = createHealth({ database: () => ping(db) });
  const app = createApp({ ...about, ...network }, { routers, logger, registry, health });
  await serve(app, { ...network, details: { database: engineOf(db) }, close: () => db.destroy() });
});
