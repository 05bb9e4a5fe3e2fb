import type { SliceMigrations } from '@lab/shared/database';

export const inventoryReservationMigrations: SliceMigrations = {
  inventory_reservation_0001_notes: {
    sqlite: [
      `create table inventory_reservation_notes (
        id text primary key,
        content text not null,
        created_at integer not null
      ) strict`,
    ],
    postgres: [
      `create table inventory_reservation_notes (
        id text collate "C" primary key,
        content text collate "C" not null,
        created_at bigint not null
      )`,
    ],
  },
};
