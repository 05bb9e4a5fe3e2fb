import type { SliceMigrations } from '@lab/shared/database';

const indexes = [
  `create unique index payments_one_live_of_reference on payments (user_id, reference) where status <> 'canceled'`,
  'create index payments_to_check on payments (check_at) where check_at is not null',
  'create index payment_refunds_to_check on payment_refunds (check_at) where check_at is not null',
  'create index payment_refunds_of_payment on payment_refunds (payment_id)',
];

/** What costs nothing is never under way. */
const freePayments = [
  'alter table payments drop constraint payments_amounts',
  `alter table payments add constraint payments_amounts check (
    amount >= 0 and captured >= 0 and refunded >= 0 and refunded <= captured
    and (amount > 0 or status in ('succeeded', 'canceled')))`,
];

export const paymentMigrations: SliceMigrations = {
  payment_intents_0001_payments: {
    sqlite: [
      `create table payments (
        id text primary key,
        user_id integer not null,
        reference text not null,
        status text not null,
        amount integer not null,
        currency text not null,
        captured integer not null,
        refunded integer not null,
        provider_ref text unique,
        attempt integer not null,
        last_charge text,
        check_at integer,
        created_at integer not null,
        updated_at integer not null,
        constraint payments_status check (
          status in ('requires_payment_method', 'processing', 'requires_action', 'succeeded', 'canceled')),
        constraint payments_amounts check (amount > 0 and captured >= 0 and refunded >= 0 and refunded <= captured)
      ) strict`,
      `create table payment_attempts (
        payment_id text not null references payments (id),
        number integer not null,
        kind text not null,
        payment_method text,
        outcome text not null,
        decline_code text,
        begun_at integer not null,
        ended_at integer,
        primary key (payment_id, number)
      ) strict`,
      `create table payment_refunds (
        id text primary key,
        payment_id text not null references payments (id),
        amount integer not null,
        status text not null,
        provider_ref text unique,
        check_at integer,
        created_at integer not null,
        updated_at integer not null,
        constraint payment_refunds_status check (status in ('pending', 'succeeded', 'failed')),
        constraint payment_refunds_amount check (amount > 0)
      ) strict`,
      `create table payment_ledger (
        transfer text not null,
        account text not null,
        payment_id text not null references payments (id),
        kind text not null,
        amount integer not null,
        currency text not null,
        at integer not null,
        primary key (transfer, account)
      ) strict`,
      `create trigger payment_ledger_no_update before update on payment_ledger
        begin select raise(abort, 'payment_ledger is append-only'); end`,
      `create trigger payment_ledger_no_delete before delete on payment_ledger
        begin select raise(abort, 'payment_ledger is append-only'); end`,
      `create table webhook_events (
        id text primary key,
        type text not null,
        outcome text not null,
        received_at integer not null
      ) strict`,
      `create table payment_leases (
        name text primary key,
        holder text not null,
        expires_at integer not null
      ) strict`,
      `create table payment_disagreements (
        provider_ref text primary key,
        what text not null,
        found_at integer not null
      ) strict`,
      ...indexes,
    ],
    postgres: [
      `create table payments (
        id text collate "C" primary key,
        user_id bigint not null,
        reference text collate "C" not null,
        status text collate "C" not null,
        amount bigint not null,
        currency text collate "C" not null,
        captured bigint not null,
        refunded bigint not null,
        provider_ref text collate "C" unique,
        attempt bigint not null,
        last_charge text collate "C",
        check_at bigint,
        created_at bigint not null,
        updated_at bigint not null,
        constraint payments_status check (
          status in ('requires_payment_method', 'processing', 'requires_action', 'succeeded', 'canceled')),
        constraint payments_amounts check (amount > 0 and captured >= 0 and refunded >= 0 and refunded <= captured)
      )`,
      `create table payment_attempts (
        payment_id text collate "C" not null references payments (id),
        number bigint not null,
        kind text collate "C" not null,
        payment_method text collate "C",
        outcome text collate "C" not null,
        decline_code text collate "C",
        begun_at bigint not null,
        ended_at bigint,
        primary key (payment_id, number)
      )`,
      `create table payment_refunds (
        id text collate "C" primary key,
        payment_id text collate "C" not null references payments (id),
        amount bigint not null,
        status text collate "C" not null,
        provider_ref text collate "C" unique,
        check_at bigint,
        created_at bigint not null,
        updated_at bigint not null,
        constraint payment_refunds_status check (status in ('pending', 'succeeded', 'failed')),
        constraint payment_refunds_amount check (amount > 0)
      )`,
      `create table payment_ledger (
        transfer text collate "C" not null,
        account text collate "C" not null,
        payment_id text collate "C" not null references payments (id),
        kind text collate "C" not null,
        amount bigint not null,
        currency text collate "C" not null,
        at bigint not null,
        primary key (transfer, account)
      )`,
      `create function refuse_payment_ledger_change() returns trigger language plpgsql as
        $$begin raise exception 'payment_ledger is append-only'; end$$`,
      `create trigger payment_ledger_append_only before update or delete or truncate on payment_ledger
        for each statement execute function refuse_payment_ledger_change()`,
      `create table webhook_events (
        id text collate "C" primary key,
        type text collate "C" not null,
        outcome text collate "C" not null,
        received_at bigint not null
      )`,
      `create table payment_leases (
        name text collate "C" primary key,
        holder text collate "C" not null,
        expires_at bigint not null
      )`,
      `create table payment_disagreements (
        provider_ref text collate "C" primary key,
        what text collate "C" not null,
        found_at bigint not null
      )`,
      ...indexes,
    ],
  },
  payment_intents_0002_nothing_to_pay: { sqlite: freePayments, postgres: freePayments },
};
