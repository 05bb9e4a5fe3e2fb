/** Starts to grant a gift in the way that the arguments name, and kills itself (SIGKILL) halfway. */
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@lab/shared/database';
import { type Tables, waysOn } from './ways.ts';

const [url = '', way = '', key = ''] = process.argv.slice(2);
const { naive, ours } = waysOn(openDatabase<Tables>(url));
const grant = way === 'naive' ? naive : ours;
await grant({ userId: '1', key, sku: key }, async () => {
  process.kill(process.pid, 'SIGKILL');
  await wait(60_000);
});
