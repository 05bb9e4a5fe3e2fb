import type { SliceMigrations } from '@lab/shared/database';

const indexParents = 'create index categories_parent on categories (parent_id)';

const listAllProducts = `insert into category_listings
    (listed_in, id, sku, name, category_id, currency, price_minor, in_stock, created_at)
  with recursive line (category_id, listed_in) as (
    select category_id, category_id from products
    union
    select line.category_id, categories.parent_id
    from line join categories on categories.id = line.listed_in
    where categories.parent_id is not null
  )
  select line.listed_in, products.id, products.sku, products.name, products.category_id, products.currency,
    products.price_minor, products.in_stock, products.created_at
  from products join line on line.category_id = products.category_id`;

// The first release of 0001 created these six indexes with fewer columns.
const dropFormerIndexes = [
  'drop index if exists products_category_newest',
  'drop index if exists products_category_price',
  'drop index if exists products_category_name',
  'drop index if exists products_newest',
  'drop index if exists products_price',
  'drop index if exists products_name',
];

const indexSorts = [
  'create index products_newest on products (currency, created_at, id, in_stock, price_minor)',
  'create index products_price on products (currency, price_minor, id, in_stock)',
  'create index products_name on products (currency, name, id, in_stock, price_minor)',
  `create index category_listings_newest
    on category_listings (listed_in, currency, created_at, id, in_stock, price_minor)`,
  `create index category_listings_price
    on category_listings (listed_in, currency, price_minor, id, in_stock)`,
  `create index category_listings_name
    on category_listings (listed_in, currency, name, id, in_stock, price_minor)`,
];

const afterListings = [listAllProducts, ...dropFormerIndexes, ...indexSorts];

export const catalogMigrations: SliceMigrations = {
  catalog_pagination_0001_products: {
    sqlite: [
      `create table categories (
        id text primary key,
        parent_id text references categories (id),
        name text not null
      ) strict`,
      indexParents,
      `create table products (
        id text primary key,
        sku text not null unique,
        name text not null,
        category_id text not null references categories (id),
        currency text not null,
        price_minor integer not null,
        in_stock integer not null,
        created_at integer not null,
        constraint products_price check (price_minor >= 0),
        constraint products_in_stock check (in_stock in (0, 1))
      ) strict`,
    ],
    postgres: [
      `create table categories (
        id text collate "C" primary key,
        parent_id text collate "C" references categories (id),
        name text collate "C" not null
      )`,
      indexParents,
      `create table products (
        id text collate "C" primary key,
        sku text collate "C" not null unique,
        name text collate "C" not null,
        category_id text collate "C" not null references categories (id),
        currency text collate "C" not null,
        price_minor bigint not null,
        in_stock smallint not null,
        created_at bigint not null,
        constraint products_price check (price_minor >= 0),
        constraint products_in_stock check (in_stock in (0, 1))
      )`,
    ],
  },
  catalog_pagination_0002_listings: {
    sqlite: [
      `create table category_listings (
        listed_in text not null,
        id text not null references products (id) on delete cascade,
        sku text not null,
        name text not null,
        category_id text not null,
        currency text not null,
        price_minor integer not null,
        in_stock integer not null,
        created_at integer not null,
        constraint category_listings_once primary key (id, listed_in)
      ) strict`,
      ...afterListings,
    ],
    postgres: [
      `create table category_listings (
        listed_in text collate "C" not null,
        id text collate "C" not null references products (id) on delete cascade,
        sku text collate "C" not null,
        name text collate "C" not null,
        category_id text collate "C" not null,
        currency text collate "C" not null,
        price_minor bigint not null,
        in_stock smallint not null,
        created_at bigint not null,
        constraint category_listings_once primary key (id, listed_in)
      )`,
      ...afterListings,
    ],
  },
};
