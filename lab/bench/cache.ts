import { join } from 'node:path';
import { runCommand, withCommandsOf } from '../child.ts';
import { ROOT } from '../workspace.ts';
import { compare, rounds } from './compare.ts';
import type { Contestant } from './contestant.ts';
import { createDatabase } from './databases.ts';
import { connections } from './load.ts';
import type { LoadRequest } from './load-order.ts';
import { productionSettings } from './production-settings.ts';
import { startServer } from './server-process.ts';
import { startBare } from './stacks.ts';

const folder = join(ROOT, 'slices/cache-metrics');
const AIM = 0.6;

const productOf = '/products/016f5e66-e800-78b7-86bc-514e28b7addc';
const requests: Readonly<Record<string, LoadRequest>> = {
  'a product': { method: 'GET', path: productOf },
  'a page of 20': { method: 'GET', path: '/products?limit=20' },
};

const compareHits = async (): Promise<void> => {
  const env = {
    ...productionSettings,
    DATABASE_URL: await createDatabase('sqlite'),
    // One load in the whole run.
    CACHE_TTL_MS: '3600000',
  };
  const server = await startServer('src/server.ts', folder, env);
  const lab: Contestant = { name: 'hit', server, isFull: true };
  const uncached = await startServer('src/server.ts', folder, { ...env, CACHE_TTL_MS: '0' });
  for (const [what, request] of Object.entries(requests)) {
    const bare = { ...(await startBare('bare-bytes.ts', server, request)), aim: AIM };
    const others: readonly Contestant[] = [bare, { name: 'not cached', server: uncached, isFull: true }];
    await compare({ title: `GET ${request.path} (${what})`, request, lab, others });
    await bare.server.stop();
  }
};

/**
 * The read-through cache in one process against other caches, and its hits over HTTP against the same server without a
 * cache and a bare server that sends the same bytes.
 */
export const benchCache = async (): Promise<void> => {
  const env = withCommandsOf(ROOT, { ...process.env });
  const code = await runCommand('node', ['lab/bench.ts'], { cwd: folder, env });
  if (code !== 0) throw new Error(`the measurement ended with exit code ${code}`);
  console.log(
    `\nHits over HTTP: one server process on one core, ${connections} connections, ${rounds} rounds in turns`,
  );
  await compareHits();
};
