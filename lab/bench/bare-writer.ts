import { randomUUID } from 'node:crypto';
import { prepareBare, readRow } from './bare-database.ts';

/**
 * The baseline of durable writes: for `SECONDS`, inserts one row per commit, using only the driver. On Postgres it uses
 * `CONNECTIONS` connections at once. Prints the commits per second.
 */
const { DATABASE_URL = '', SECONDS = '2', CONNECTIONS = '1' } = process.env;
const columns = 'id text primary key, user_id text not null, sku text not null, created_at bigint not null';
await readRow(DATABASE_URL, `create table if not exists bare_gifts (${columns})`);

const marks = DATABASE_URL.startsWith('sqlite:') ? '?, ?, ?, ?' : '$1, $2, $3, $4';
const insert = prepareBare(DATABASE_URL, `insert into bare_gifts values (${marks})`, Number(CONNECTIONS));
const startedAtMs = performance.now();
let commits = 0;

const keepWriting = async (): Promise<void> => {
  while (performance.now() - startedAtMs < Number(SECONDS) * 1000) {
    await insert.run([randomUUID(), '1', 'MOCHI-6', Date.now()]);
    commits += 1;
  }
};

await Promise.all(Array.from({ length: Number(CONNECTIONS) }, keepWriting));
const seconds = (performance.now() - startedAtMs) / 1000;
await insert.close();
console.log(JSON.stringify({ commitsPerSecond: commits / seconds }));
