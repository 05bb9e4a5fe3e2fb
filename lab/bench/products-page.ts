import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../workspace.ts';
import { compare, rounds } from './compare.ts';
import type { Contestant } from './contestant.ts';
import { createDatabase, type Engine, engines } from './databases.ts';
import { connections } from './load.ts';
import type { LoadRequest } from './load-order.ts';
import { productionSettings } from './production-settings.ts';
import { startServer } from './server-process.ts';
import { startBare, startStacks } from './stacks.ts';

const PRODUCTS = 100_000;
const folder = join(ROOT, 'slices/catalog-pagination');

const statements = z.tuple([
  z.object({ path: z.string(), sql: z.string(), parameters: z.array(z.unknown()) }),
  z.object({ path: z.string(), sql: z.string(), parameters: z.array(z.unknown()) }),
]);

/** The statements that the slice runs for a page and for one product, as the slice prints them. */
const statementsOf = async (DATABASE_URL: string) => {
  const env = { ...process.env, DATABASE_URL };
  const { stdout } = await promisify(execFile)(process.execPath, ['lab/statements.ts'], { cwd: folder, env });
  return statements.parse(JSON.parse(stdout));
};

const measure = async (engine: Engine): Promise<void> => {
  const DATABASE_URL = await createDatabase(engine);
  const env = { ...productionSettings, DATABASE_URL, SEED_PRODUCTS: String(PRODUCTS) };
  const lab = {
    name: 'catalog-pagination',
    server: await startServer('src/server.ts', folder, env),
    isFull: true,
  };
  const [page, product] = await statementsOf(DATABASE_URL);
  const startFloor = (request: LoadRequest, { sql, parameters }: typeof page) =>
    startBare('bare-products.ts', lab.server, request, {
      DATABASE_URL,
      SQL: sql,
      PARAMETERS: JSON.stringify(parameters),
    });

  const list: LoadRequest = { method: 'GET', path: '/products?limit=20' };
  const invalid: LoadRequest = { method: 'GET', path: '/products?limit=0' };
  // The stacks are written for SQLite only.
  const stacks: readonly Contestant[] = engine === 'sqlite' ? await startStacks({ DATABASE_URL }) : [];
  const others = [await startFloor(list, page), ...stacks];
  await compare({ title: `GET ${list.path} on ${engine}`, request: list, invalid, lab, others });
  for (const { server } of others) await server.stop();

  const detail: LoadRequest = { method: 'GET', path: product.path };
  const floor = await startFloor(detail, product);
  await compare({ title: `GET ${detail.path} on ${engine}`, request: detail, lab, others: [floor] });
  for (const { server } of [floor, lab]) await server.stop();
};

/**
 * The catalog's pages over HTTP, compared with the stacks that most teams would put together, on the same database, and
 * with a bare server that runs the slice's own statement and serializes the same response.
 */
export const benchProductPages = async (): Promise<void> => {
  console.log(
    `Product pages, ${PRODUCTS} products: one server process on one core, ${connections} connections,`,
  );
  console.log(
    `${rounds} rounds in turns; the bare server runs the same prepared statement and JSON.stringify`,
  );
  for (const engine of engines) await measure(engine);
};
