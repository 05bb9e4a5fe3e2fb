import type { Executor } from '@lab/shared/database';
import type { ServerContext } from '@lab/shared/http';
import type { Redis } from '@lab/shared/redis';
import { type CatalogCaches, createCatalogCaches } from './catalog-caches.ts';
import type { CacheSettings } from './config.ts';

export type CacheNameTables = { cache_name: { name: string } };

/**
 * The name of a database in Redis. Servers on one database share what they cache. Servers on another one, or on the same
 * one created anew, use other keys of the same Redis.
 */
const readCacheName = async (db: Executor<CacheNameTables>): Promise<string> =>
  (await db.selectFrom('cache_name').select('name').executeTakeFirstOrThrow()).name;

type StartingServer = Pick<ServerContext<CacheSettings>, 'settings' | 'registry' | 'resources' | 'logger'>;

/** The caches of a starting server: in memory, and in Redis as well if there is one. */
export const startCaches = async (
  { settings, registry, resources, logger }: StartingServer,
  { db, redis }: { readonly db: Executor<CacheNameTables>; readonly redis: Redis | undefined },
): Promise<CatalogCaches> => {
  const onError = (error: unknown) => logger.error({ err: error }, 'the cache in Redis failed');
  const shared = redis && { redis, name: await readCacheName(db), resources, onError };
  return createCatalogCaches({ registry, shared }, settings);
};
