import type { SliceMigrations } from '@lab/shared/database';

export const flagMigrations: SliceMigrations = {
  env_config_0001_flags: {
    sqlite: [
      `create table flag_overrides (
        key text primary key,
        enabled integer,
        rollout_percent real,
        variant text,
        updated_at integer not null
      ) strict`,
    ],
    postgres: [
      `create table flag_overrides (
        key text collate "C" primary key,
        enabled smallint,
        rollout_percent double precision,
        variant text collate "C",
        updated_at bigint not null
      )`,
    ],
  },
};
