/** Checks out the cart of a shopper, and kills itself (SIGKILL) before its statement of that number. */
import { openPlainCheckout } from './plain-checkout.ts';
import { watchStatements } from './statements.ts';

const [url = '', userId = '', statement = ''] = process.argv.slice(2);
const { db, buy } = openPlainCheckout(url);
const statements = await watchStatements(db);
statements.start((number) => {
  if (number === Number(statement)) process.kill(process.pid, 'SIGKILL');
});
const outcome = await buy(Number(userId), `key-${userId}`);
const count = statements.stop();
await db.destroy();
process.stdout.write(JSON.stringify({ count, order: 'response' in outcome && outcome.response.body }));
