import type { SliceMigrations } from '@lab/shared/database';

const indexes = [
  'create index orders_newest on orders (created_at, id)',
  'create index orders_newest_of_status on orders (status, created_at, id)',
  'create index orders_newest_of_user on orders (user_id, created_at, id)',
  `create index orders_unpaid on orders (expires_at) where status = 'pending'`,
];

const states = `('pending', 'payment_confirmed', 'processing', 'shipped', 'delivered', 'cancelled', 'expired', 'refunded')`;

export const orderMigrations: SliceMigrations = {
  order_checkout_0001_orders: {
    sqlite: [
      `create table orders (
        number integer primary key autoincrement,
        id text not null unique,
        user_id integer not null,
        status text not null,
        version integer not null,
        currency text not null,
        subtotal_minor integer not null,
        discount_minor integer not null,
        tax_minor integer not null,
        total_minor integer not null,
        promo_code text,
        gift text,
        shipping_address text,
        reservation_id text not null unique,
        expires_at integer not null,
        created_at integer not null,
        updated_at integer not null,
        constraint orders_status check (status in ${states}),
        constraint orders_total check (total_minor = subtotal_minor - discount_minor + tax_minor and total_minor >= 0)
      ) strict`,
      `create table order_lines (
        order_id text not null references orders (id),
        position integer not null,
        sku text not null,
        name text not null,
        quantity integer not null,
        unit_price_minor integer not null,
        line_total_minor integer not null,
        discount_minor integer not null,
        tax_minor integer not null,
        primary key (order_id, position)
      ) strict, without rowid`,
      `create table order_events (
        order_id text not null references orders (id),
        version integer not null,
        from_status text,
        to_status text not null,
        actor text not null,
        reason text,
        at integer not null,
        primary key (order_id, version)
      ) strict, without rowid`,
      `create trigger order_events_no_update before update on order_events
        begin select raise(abort, 'order_events is append-only'); end`,
      `create trigger order_events_no_delete before delete on order_events
        begin select raise(abort, 'order_events is append-only'); end`,
      ...indexes,
    ],
    postgres: [
      `create table orders (
        number bigint generated always as identity primary key,
        id text collate "C" not null unique,
        user_id bigint not null,
        status text collate "C" not null,
        version bigint not null,
        currency text collate "C" not null,
        subtotal_minor bigint not null,
        discount_minor bigint not null,
        tax_minor bigint not null,
        total_minor bigint not null,
        promo_code text collate "C",
        gift text,
        shipping_address text,
        reservation_id text collate "C" not null unique,
        expires_at bigint not null,
        created_at bigint not null,
        updated_at bigint not null,
        constraint orders_status check (status in ${states}),
        constraint orders_total check (total_minor = subtotal_minor - discount_minor + tax_minor and total_minor >= 0)
      )`,
      `create table order_lines (
        order_id text collate "C" not null references orders (id),
        position bigint not null,
        sku text collate "C" not null,
        name text not null,
        quantity bigint not null,
        unit_price_minor bigint not null,
        line_total_minor bigint not null,
        discount_minor bigint not null,
        tax_minor bigint not null,
        primary key (order_id, position)
      )`,
      `create table order_events (
        order_id text collate "C" not null references orders (id),
        version bigint not null,
        from_status text collate "C",
        to_status text collate "C" not null,
        actor text collate "C" not null,
        reason text,
        at bigint not null,
        primary key (order_id, version)
      )`,
      `create function refuse_order_event_change() returns trigger language plpgsql as
        $$begin raise exception 'order_events is append-only'; end$$`,
      `create trigger order_events_append_only before update or delete or truncate on order_events
        for each statement execute function refuse_order_event_change()`,
      ...indexes,
    ],
  },
};
