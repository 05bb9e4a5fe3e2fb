import type { SliceMigrations } from '@lab/shared/database';

const indexes = [
  'create index stock_ledger_newest_of_sku on stock_ledger (sku, at, id)',
  `create index reservations_overdue on reservations (expires_at) where status = 'held'`,
];

export const inventoryMigrations: SliceMigrations = {
  inventory_reservation_0001_stock: {
    sqlite: [
      `create table stock (
        sku text primary key,
        on_hand integer not null,
        reserved integer not null,
        version integer not null,
        constraint stock_within_on_hand check (reserved >= 0 and reserved <= on_hand)
      ) strict`,
      `create table stock_ledger (
        id text primary key,
        sku text not null,
        delta integer not null,
        reason text not null,
        reference text,
        at integer not null
      ) strict`,
      `create trigger stock_ledger_no_update before update on stock_ledger
        begin select raise(abort, 'stock_ledger is append-only'); end`,
      `create trigger stock_ledger_no_delete before delete on stock_ledger
        begin select raise(abort, 'stock_ledger is append-only'); end`,
      `create table reservations (
        id text primary key,
        status text not null,
        expires_at integer not null,
        created_at integer not null,
        ended_at integer,
        constraint reservations_status check (status in ('held', 'confirmed', 'released', 'expired'))
      ) strict`,
      `create table reservation_lines (
        reservation_id text not null references reservations (id),
        sku text not null,
        quantity integer not null,
        primary key (reservation_id, sku),
        constraint reservation_lines_quantity check (quantity > 0)
      ) strict`,
      ...indexes,
    ],
    postgres: [
      `create table stock (
        sku text collate "C" primary key,
        on_hand bigint not null,
        reserved bigint not null,
        version bigint not null,
        constraint stock_within_on_hand check (reserved >= 0 and reserved <= on_hand)
      )`,
      `create table stock_ledger (
        id text collate "C" primary key,
        sku text collate "C" not null,
        delta bigint not null,
        reason text collate "C" not null,
        reference text collate "C",
        at bigint not null
      )`,
      `create function refuse_stock_ledger_change() returns trigger language plpgsql as
        $$begin raise exception 'stock_ledger is append-only'; end$$`,
      `create trigger stock_ledger_append_only before update or delete or truncate on stock_ledger
        for each statement execute function refuse_stock_ledger_change()`,
      `create table reservations (
        id text collate "C" primary key,
        status text collate "C" not null,
        expires_at bigint not null,
        created_at bigint not null,
        ended_at bigint,
        constraint reservations_status check (status in ('held', 'confirmed', 'released', 'expired'))
      )`,
      `create table reservation_lines (
        reservation_id text collate "C" not null references reservations (id),
        sku text collate "C" not null,
        quantity bigint not null,
        primary key (reservation_id, sku),
        constraint reservation_lines_quantity check (quantity > 0)
      )`,
      ...indexes,
    ],
  },
};
