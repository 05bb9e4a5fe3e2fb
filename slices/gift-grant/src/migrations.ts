import type { SliceMigrations } from '@lab/shared/database';

export const giftMigrations: SliceMigrations = {
  gift_grant_0001_gifts: {
    sqlite: [
      `create table gifts (
        id text primary key,
        user_id text not null,
        sku text not null,
        message text,
        status text not null,
        created_at integer not null,
        constraint gifts_status check (status in ('granted'))
      ) strict`,
    ],
    postgres: [
      `create table gifts (
        id text collate "C" primary key,
        user_id text collate "C" not null,
        sku text collate "C" not null,
        message text collate "C",
        status text collate "C" not null,
        created_at bigint not null,
        constraint gifts_status check (status in ('granted'))
      )`,
    ],
  },
};

const indexExpiry = 'create index idempotency_keys_expiry on idempotency_keys (expires_at)';

/** The table of idempotency keys. Other slices use it without the gifts. */
export const idempotencyMigrations: SliceMigrations = {
  idempotency_0001_keys: {
    sqlite: [
      `create table idempotency_keys (
        scope text not null,
        key text not null,
        fingerprint text not null,
        response text,
        expires_at integer not null,
        constraint idempotency_keys_one_per_scope primary key (scope, key)
      ) strict`,
      indexExpiry,
    ],
    postgres: [
      `create table idempotency_keys (
        scope text collate "C" not null,
        key text collate "C" not null,
        fingerprint text collate "C" not null,
        response text collate "C",
        expires_at bigint not null,
        constraint idempotency_keys_one_per_scope primary key (scope, key)
      )`,
      indexExpiry,
    ],
  },
};
