import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { openDatabase, transact } from '../src/database/index.ts';

/**
 * Sixteen writers that put two halves of a row into a SQLite file in each transaction, and say so when it is done (or,
 * as a planted bug, `early`). Ends when it is killed.
 */
const [url = '', life = '', when] = process.argv.slice(2);
const db = openDatabase(url);

const write = async (writer: number): Promise<void> => {
  for (let turn = 0; ; turn += 1) {
    const name = `${life}-${writer}-${turn}`;
    const say = () => writeSync(1, `${name}\n`);
    await transact(db, async (trx) => {
      await sql`insert into halves values (${name}, 1)`.execute(trx);
      if (when === 'early') say();
      await sql`insert into halves values (${name}, 2)`.execute(trx);
    });
    if (when !== 'early') say();
  }
};

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
