import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { catalogPaginationSettings } from './config.ts';
import { catalogMigrations } from './migrations.ts';
import { createProductStore } from './product-store.ts';
import type { CatalogTables } from './product-tables.ts';
import { createCatalogRouters, tag } from './router.ts';
import { prepareCatalog } from './sample-catalog.ts';

await serve({
  name: 'catalog-pagination',
  title: 'Catalog',
  description: tag.description,
  settings: catalogPaginationSettings,
  start: async (server) => {
    const { CURSOR_SECRET: secret, SEED_PRODUCTS } = server.settings;
    const db = await startDatabase<CatalogTables>(server, [catalogMigrations], (opened) =>
      prepareCatalog(opened, SEED_PRODUCTS),
    );
    const cursors = createCursors({ secret, list: 'products' });
    return createCatalogRouters({ products: createProductStore(db), cursors });
  },
});
