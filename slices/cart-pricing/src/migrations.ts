import type { SliceMigrations } from '@lab/shared/database';

export const cartMigrations: SliceMigrations = {
  cart_pricing_0001_carts: {
    sqlite: [
      `create table carts (
        user_id integer primary key,
        version integer not null,
        currency text,
        updated_at integer
      ) strict`,
      `create table cart_items (
        id text primary key,
        user_id integer not null references carts (user_id),
        sku text not null,
        quantity integer not null,
        created_at integer not null,
        constraint cart_items_one_line_per_sku unique (user_id, sku),
        constraint cart_items_quantity check (quantity between 1 and 10000)
      ) strict`,
    ],
    postgres: [
      `create table carts (
        user_id bigint primary key,
        version bigint not null,
        currency text collate "C",
        updated_at bigint
      )`,
      `create table cart_items (
        id text collate "C" primary key,
        user_id bigint not null references carts (user_id),
        sku text collate "C" not null,
        quantity bigint not null,
        created_at bigint not null,
        constraint cart_items_one_line_per_sku unique (user_id, sku),
        constraint cart_items_quantity check (quantity between 1 and 10000)
      )`,
    ],
  },
};
