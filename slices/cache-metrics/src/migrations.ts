import type { SliceMigrations } from '@lab/shared/database';

/** A random name that a database keeps for life. See cache-name.ts. */
export const cacheMetricsMigrations: SliceMigrations = {
  cache_metrics_0001_name: {
    sqlite: [
      `create table cache_name (
        name text not null primary key
      ) strict`,
      'insert into cache_name (name) values (lower(hex(randomblob(16))))',
    ],
    postgres: [
      `create table cache_name (
        name text collate "C" not null primary key
      )`,
      `insert into cache_name (name) values (replace(gen_random_uuid()::text, '-', ''))`,
    ],
  },
};
