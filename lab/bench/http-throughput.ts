import { join } from 'node:path';
import { ROOT } from '../workspace.ts';
import { compare, rounds } from './compare.ts';
import { createDatabase } from './databases.ts';
import type { LoadRequest } from './load-order.ts';
import { startServer } from './server-process.ts';

const line = (index: number) => ({
  sku: `SKU-${index}`,
  quantity: index + 1,
  unit_price: { amount: `${index + 3}.495`, currency: 'USD' },
});

const requests: readonly LoadRequest[] = [
  {
    method: 'POST',
    path: '/echo',
    body: {
      message: 'Two scoops of vanilla, please',
      tags: ['ice', 'snack'],
      metadata: { table: 4, paid: true },
    },
  },
  {
    method: 'POST',
    path: '/cart/quote',
    body: { items: [0, 1, 2, 3, 4].map(line), discount: { percent: '10' }, tax_rate: '0.0825' },
  },
];

/** Requests per second of the combined demo against a bare server that only parses and serialises, in turns. */
export const benchHttpThroughput = async (): Promise<void> => {
  const env = {
    DATABASE_URL: await createDatabase('sqlite'),
    APP_ENV: 'production',
    AUTH_TOKENS: 'bench-token=1',
    ADMIN_TOKEN: 'bench-admin-token',
    CURSOR_SECRET: 'cursor-secret-of-the-benchmark',
  };
  console.log(`HTTP throughput: one server process on one core, 32 connections, ${rounds} rounds in turns`);
  const server = await startServer('src/server.ts', join(ROOT, 'combined-demo'), env);
  for (const request of requests) {
    const title = `${request.method} ${request.path}`;
    const bare = { script: 'bare-server.ts', env: {} };
    await compare({ title, request, lab: { name: 'combined-demo', server }, bare });
  }
};
