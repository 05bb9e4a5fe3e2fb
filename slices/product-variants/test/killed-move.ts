/** Does some steps of a move, and kills itself (SIGKILL) in the middle of the next one. */
import { setTimeout as wait } from 'node:timers/promises';
import type { VariantTables } from '@lab/product-variants';
import { openDatabase, transact } from '@lab/shared/database';
import { relistStep } from '../src/categories/relisting.ts';

const [url = '', steps = '', size = ''] = process.argv.slice(2);
const db = openDatabase<VariantTables>(url);
for (let step = 0; step < Number(steps); step += 1) await relistStep(db, Number(size));
await transact(db, async (trx) => {
  await relistStep(trx, Number(size));
  process.kill(process.pid, 'SIGKILL');
  await wait(60_000);
});
