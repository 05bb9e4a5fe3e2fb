/** The demo, and beside it a sweeper with a bug: it writes what it decided earlier over what has been paid since. */
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@lab/shared/database';
import type { DemoTables } from '../src/index.ts';

const DECIDES_EARLIER_MS = 100;

const db = openDatabase<DemoTables>(process.env.DATABASE_URL ?? '');

const sweep = async (): Promise<void> => {
  const unpaid = await db.selectFrom('orders').select('id').where('status', '=', 'pending').execute();
  await wait(DECIDES_EARLIER_MS);
  const ids = ['', ...unpaid.map(({ id }) => id)];
  // Those that are still unpaid are left to the sweeper of the demo, so that nothing else goes wrong.
  const paid = db.updateTable('orders').set({ status: 'expired' }).where('status', '=', 'payment_confirmed');
  await paid.where('id', 'in', ids).execute();
};

const sweepOn = async (): Promise<never> => {
  for (;;) await sweep().catch(() => undefined);
};

await import('../src/server.ts');
await sweepOn();
