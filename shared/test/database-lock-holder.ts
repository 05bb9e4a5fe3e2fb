import { once } from 'node:events';
import { sql } from 'kysely';
import { openDatabase, transact } from '../src/database/index.ts';

/** Holds the write lock of a SQLite file until it is told to let go. */
const [url = ''] = process.argv.slice(2);
const db = openDatabase(url);
await transact(db, async (trx) => {
  await sql`update accounts set balance = 5`.execute(trx);
  process.send?.('holding');
  await once(process, 'message');
  await sql`update accounts set balance = 0`.execute(trx);
});
await db.destroy();
process.disconnect();
