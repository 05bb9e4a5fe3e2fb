/** Redeems FIRST50 naively for 250 users at once, when told to, and reports how many got it. */
import { once } from 'node:events';
import { openDatabase } from '@lab/shared/database';
import { type NaiveTables, redeemNaively } from '../lab/naive-promo.ts';

const [url = '', firstUser = '1'] = process.argv.slice(2);
const db = openDatabase<NaiveTables>(url);
process.send?.('ready');
await once(process, 'message');
const users = Array.from({ length: 250 }, (_, index) => Number(firstUser) + index);
const redeem = (user_id: number) => redeemNaively(db, { code: 'FIRST50', user_id, cart_id: 'cart' }, 50);
const answers = await Promise.all(users.map(redeem));
process.send?.(answers.filter((answer) => answer === 'redeemed').length);
await db.destroy();
process.disconnect();
