/** Grants one gift the way that its arguments say, and is killed (SIGKILL) in the midst of it. */
import { setTimeout as wait } from 'node:timers/promises';
import { openGifts } from './ways.ts';

const [url = '', way = '', key = ''] = process.argv.slice(2);
const gifts = await openGifts(url);
const grant = way === 'naive' ? gifts.naive : gifts.ours;
await grant({ userId: '1', key, sku: key }, async () => {
  process.kill(process.pid, 'SIGKILL');
  await wait(60_000);
});
