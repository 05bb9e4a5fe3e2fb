import { join } from 'node:path';
import { ROOT } from '../workspace.ts';
import { compare, rounds } from './compare.ts';
import { createDatabase } from './databases.ts';
import { connections } from './load.ts';
import type { LoadRequest } from './load-order.ts';
import { productionSettings } from './production-settings.ts';
import { startServer } from './server-process.ts';
import { startBare, startStacks } from './stacks.ts';

const line = (index: number) => ({
  sku: `SKU-${index}`,
  quantity: index + 1,
  unit_price: { amount: `${index + 3}.495`, currency: 'USD' },
});

const echo: LoadRequest = {
  method: 'POST',
  path: '/echo',
  body: {
    message: 'Two scoops of vanilla, please',
    tags: ['ice', 'snack'],
    metadata: { table: 4, paid: true },
  },
};

const quote: LoadRequest = {
  method: 'POST',
  path: '/cart/quote',
  body: { items: [0, 1, 2, 3, 4].map(line), discount: { percent: '10' }, tax_rate: '0.0825' },
};

const benchEcho = async (): Promise<void> => {
  const server = await startServer('src/server.ts', join(ROOT, 'slices/echo-gateway'), productionSettings);
  const others = [await startBare('bare-server.ts', server, echo), ...(await startStacks())];
  await compare({
    title: 'POST /echo',
    request: echo,
    invalid: { ...echo, body: { message: 'Two scoops', tags: [4] } },
    lab: { name: 'echo-gateway', server, isFull: true },
    others,
  });
  for (const one of [server, ...others.map((other) => other.server)]) await one.stop();
};

const benchQuote = async (): Promise<void> => {
  const env = { ...productionSettings, DATABASE_URL: await createDatabase('sqlite') };
  const server = await startServer('src/server.ts', join(ROOT, 'combined-demo'), env);
  const bare = await startBare('bare-server.ts', server, quote);
  const lab = { name: 'combined-demo', server, isFull: true };
  await compare({ title: 'POST /cart/quote', request: quote, lab, others: [bare] });
};

/**
 * Requests per second of the lab compared, in turns, with the stacks that most teams would put together and with a bare
 * server that only parses and serializes.
 */
export const benchHttpThroughput = async (): Promise<void> => {
  console.log(
    `HTTP throughput: one server process on one core, ${connections} connections, ${rounds} rounds in turns`,
  );
  await benchEcho();
  await benchQuote();
};
