import type { SliceMigrations } from '@lab/shared/database';

const indexes = [
  'create unique index product_variants_of_product on product_variants (product_id, position)',
  'create index product_skus_of_product on product_skus (product_id)',
  'create index attribute_listings_value on attribute_listings (name, value, product_id, variant_id)',
  'create index products_category on products (category_id, id)',
];

export const productVariantsMigrations: SliceMigrations = {
  product_variants_0001_variants: {
    sqlite: [
      `create table product_details (
        product_id text primary key references products (id) on delete cascade,
        description text,
        attributes text not null
      ) strict`,
      `create table product_skus (
        sku text primary key,
        product_id text not null references products (id) on delete cascade
      ) strict`,
      `create table product_variants (
        id text primary key,
        product_id text not null references products (id) on delete cascade,
        position integer not null,
        sku text not null unique references product_skus (sku) on delete cascade,
        price_minor integer,
        attributes text not null,
        constraint product_variants_price check (price_minor >= 0)
      ) strict`,
      `create table attribute_listings (
        product_id text not null references products (id) on delete cascade,
        name text not null,
        variant_id text not null,
        value text not null,
        primary key (product_id, name, variant_id)
      ) strict, without rowid`,
      `create table variant_stock (
        sku text primary key references product_skus (sku) on delete cascade,
        available integer not null,
        constraint variant_stock_available check (available >= 0)
      ) strict`,
      `create table category_relistings (
        category_id text primary key references categories (id) on delete cascade,
        after_id text not null
      ) strict`,
      ...indexes,
    ],
    postgres: [
      `create table product_details (
        product_id text collate "C" primary key references products (id) on delete cascade,
        description text,
        attributes text not null
      )`,
      `create table product_skus (
        sku text collate "C" primary key,
        product_id text collate "C" not null references products (id) on delete cascade
      )`,
      `create table product_variants (
        id text collate "C" primary key,
        product_id text collate "C" not null references products (id) on delete cascade,
        position integer not null,
        sku text collate "C" not null unique references product_skus (sku) on delete cascade,
        price_minor bigint,
        attributes text not null,
        constraint product_variants_price check (price_minor >= 0)
      )`,
      `create table attribute_listings (
        product_id text collate "C" not null references products (id) on delete cascade,
        name text collate "C" not null,
        variant_id text collate "C" not null,
        value text collate "C" not null,
        primary key (product_id, name, variant_id)
      )`,
      `create table variant_stock (
        sku text collate "C" primary key references product_skus (sku) on delete cascade,
        available integer not null,
        constraint variant_stock_available check (available >= 0)
      )`,
      `create table category_relistings (
        category_id text collate "C" primary key references categories (id) on delete cascade,
        after_id text collate "C" not null
      )`,
      ...indexes,
    ],
  },
};
