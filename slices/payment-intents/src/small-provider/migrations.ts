import type { SliceMigrations } from '@lab/shared/database';

const sqlite = [
  'create table provider_intents (id text primary key, number integer not null, body text not null, refunded integer not null) strict',
  'create unique index provider_intents_newest on provider_intents (number)',
  'create table provider_refunds (id text primary key, intent_id text not null, body text not null) strict',
  'create index provider_refunds_of_intent on provider_refunds (intent_id)',
  'create table provider_keys (key text primary key, request text not null, status integer not null, body text not null) strict',
  'create table provider_events (id text primary key, body text not null, is_delivered integer not null) strict',
];

/** For SQLite only: the provider is one process. */
export const providerMigrations: SliceMigrations = {
  small_provider_0001_state: {
    sqlite,
    postgres: [`do $$begin raise 'the small provider runs on SQLite'; end$$`],
  },
};
