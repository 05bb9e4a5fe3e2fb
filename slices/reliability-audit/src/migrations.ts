import type { SliceMigrations } from '@lab/shared/database';

const sqliteFact = `
  id text not null,
  at integer not null,
  actor text not null,
  action text not null,
  resource text not null,
  outcome text not null,
  status integer,
  attempts integer,
  duration_ms integer,
  request_id text not null,
  trace_id text not null`;

const postgresFact = `
  id text collate "C" not null,
  at bigint not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  resource text collate "C" not null,
  outcome text collate "C" not null,
  status integer,
  attempts integer,
  duration_ms bigint,
  request_id text collate "C" not null,
  trace_id text collate "C" not null`;

const pendingOutcomes = `constraint audit_pending_outcome check (outcome in ('started', 'succeeded', 'failed', 'unknown'))`;
const sealedOutcomes = `constraint audit_entries_outcome check (outcome in ('succeeded', 'failed', 'unknown'))`;

const indexes = [
  'create index audit_entries_of_actor on audit_entries (actor, id)',
  'create index audit_entries_of_request on audit_entries (request_id, id)',
  `create index audit_entries_not_succeeded on audit_entries (outcome, id) where outcome in ('failed', 'unknown')`,
];

const emptyHead = `insert into audit_head values (1, 0, '${'0'.repeat(64)}')`;

/** An entry is completed once, and stays what it is besides that. */
const notACompletion = (isOther: string): string =>
  ['id', 'writer', 'at', 'actor', 'action', 'resource', 'request_id', 'trace_id']
    .map((column) => `new.${column} ${isOther} old.${column}`)
    .concat("old.outcome <> 'started'", "new.outcome = 'started'")
    .join(' or ');

const refuseOnSqlite = (what: string): string =>
  `begin select raise(abort, 'the audit trail refuses this: ${what}'); end`;

const refuseOnPostgres = (what: string): string => `execute function audit_refuse('${what}')`;

export const auditMigrations: SliceMigrations = {
  reliability_audit_0001_trail: {
    sqlite: [
      `create table audit_pending (${sqliteFact},
        writer text not null,
        primary key (id),
        ${pendingOutcomes}
      ) strict, without rowid`,
      `create table audit_entries (
        seq integer primary key,${sqliteFact},
        prev_hash text not null,
        hash text not null,
        constraint audit_entries_once unique (id),
        ${sealedOutcomes}
      ) strict`,
      ...indexes,
      `create table audit_head (
        only_row integer primary key check (only_row = 1),
        seq integer not null,
        hash text not null
      ) strict`,
      emptyHead,
      `create table audit_writers (id text primary key, beat integer not null) strict, without rowid`,
      `create trigger audit_pending_completes_once before update on audit_pending
        when ${notACompletion('<>')} ${refuseOnSqlite('an entry is completed once')}`,
      `create trigger audit_pending_leaves_sealed before delete on audit_pending
        when not exists (select 1 from audit_entries where id = old.id)
        ${refuseOnSqlite('an entry is not deleted')}`,
      // Keeps the entry that is there. Without it, INSERT OR REPLACE would replace it and fire no other trigger.
      `create trigger audit_pending_inserts_once before insert on audit_pending
        when exists (select 1 from audit_pending where id = new.id) begin select raise(ignore); end`,
      `create trigger audit_entries_append_only before insert on audit_entries
        when exists (select 1 from audit_entries where seq >= new.seq or id = new.id)
        ${refuseOnSqlite('an entry is not replaced')}`,
      `create trigger audit_entries_stay before update on audit_entries
        ${refuseOnSqlite('a sealed entry is not changed')}`,
      `create trigger audit_entries_last before delete on audit_entries
        ${refuseOnSqlite('an entry is not deleted')}`,
      `create trigger audit_head_moves_on before update on audit_head
        when new.seq <= old.seq ${refuseOnSqlite('the chain only grows')}`,
      `create trigger audit_head_lasts before delete on audit_head
        ${refuseOnSqlite('the chain only grows')}`,
    ],
    postgres: [
      // The pending entries come and go, so vacuum must keep up with them.
      `create table audit_pending (${postgresFact},
        writer text collate "C" not null,
        primary key (id),
        ${pendingOutcomes}
      ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
      `create table audit_entries (
        seq bigint primary key,${postgresFact},
        prev_hash text collate "C" not null,
        hash text collate "C" not null,
        constraint audit_entries_once unique (id),
        ${sealedOutcomes}
      )`,
      ...indexes,
      `create table audit_head (
        only_row integer primary key check (only_row = 1),
        seq bigint not null,
        hash text collate "C" not null
      )`,
      emptyHead,
      `create table audit_writers (id text collate "C" primary key, beat bigint not null)`,
      `create function audit_refuse() returns trigger language plpgsql as $$
        begin raise exception 'the audit trail refuses this: %', tg_argv[0]; end $$`,
      `create function audit_refuse_unsealed() returns trigger language plpgsql as $$
        begin
          if exists (select 1 from gone where not exists (select 1 from audit_entries e where e.id = gone.id)) then
            raise exception 'the audit trail refuses this: an entry is not deleted';
          end if;
          return null;
        end $$`,
      `create trigger audit_pending_completes_once before update on audit_pending for each row
        when (${notACompletion('is distinct from')}) ${refuseOnPostgres('an entry is completed once')}`,
      `create trigger audit_pending_leaves_sealed after delete on audit_pending
        referencing old table as gone for each statement execute function audit_refuse_unsealed()`,
      `create trigger audit_entries_stay before update on audit_entries for each row
        ${refuseOnPostgres('a sealed entry is not changed')}`,
      `create trigger audit_entries_last before delete on audit_entries for each row
        ${refuseOnPostgres('an entry is not deleted')}`,
      `create trigger audit_head_moves_on before update on audit_head for each row
        when (new.seq <= old.seq) ${refuseOnPostgres('the chain only grows')}`,
      `create trigger audit_head_lasts before delete on audit_head for each row
        ${refuseOnPostgres('the chain only grows')}`,
      ...['audit_pending', 'audit_entries', 'audit_head'].map(
        (table) => `create trigger ${table}_not_truncated before truncate on ${table}
          ${refuseOnPostgres('an entry is not deleted')}`,
      ),
    ],
  },
};
