import type { SliceMigrations } from '@lab/shared/database';

export const envConfigMigrations: SliceMigrations = {
  env_config_0001_notes: {
    sqlite: [
      `create table env_config_notes (
        id text primary key,
        content text not null,
        created_at integer not null
      ) strict`,
    ],
    postgres: [
      `create table env_config_notes (
        id text collate "C" primary key,
        content text collate "C" not null,
        created_at bigint not null
      )`,
    ],
  },
};
