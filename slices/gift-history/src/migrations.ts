import type { SliceMigrations } from '@lab/shared/database';

const indexes = [
  'create index gifts_newest on gifts (created_at, id)',
  'create index gifts_newest_of_user on gifts (user_id, created_at, id)',
];

/** Run these after gift-grant's migrations, which create the table. */
export const giftHistoryMigrations: SliceMigrations = {
  gift_history_0001_indexes: { sqlite: indexes, postgres: indexes },
};
