import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../workspace.ts';
import { compare, rounds } from './compare.ts';
import { createDatabase, engines } from './databases.ts';
import { startServer } from './server-process.ts';

const PRODUCTS = 100_000;
const folder = join(ROOT, 'slices/catalog-pagination');

const statements = z.array(z.object({ path: z.string(), sql: z.string(), parameters: z.array(z.unknown()) }));

/** The statements that the slice runs for its pages, as it says itself. */
const statementsOf = async (DATABASE_URL: string) => {
  const env = { ...process.env, DATABASE_URL };
  const { stdout } = await promisify(execFile)(process.execPath, ['lab/statements.ts'], { cwd: folder, env });
  return statements.parse(JSON.parse(stdout));
};

/** The catalogue's pages over HTTP against a bare server that runs the same statement and serialises the same answer. */
export const benchProductPages = async (): Promise<void> => {
  console.log(`Product pages, ${PRODUCTS} products: one server process on one core, 32 connections,`);
  console.log(
    `${rounds} rounds in turns; the bare server runs the same prepared statement and JSON.stringify`,
  );
  for (const engine of engines) {
    const DATABASE_URL = await createDatabase(engine);
    const server = await startServer('src/server.ts', folder, {
      DATABASE_URL,
      APP_ENV: 'production',
      CURSOR_SECRET: 'cursor-secret-of-the-benchmark',
      SEED_PRODUCTS: String(PRODUCTS),
    });
    for (const { path, sql, parameters } of await statementsOf(DATABASE_URL)) {
      const env = { DATABASE_URL, SQL: sql, PARAMETERS: JSON.stringify(parameters) };
      await compare({
        title: `GET ${path} on ${engine}`,
        request: { method: 'GET', path },
        lab: { name: 'catalog-pagination', server },
        bare: { script: 'bare-products.ts', env },
      });
    }
    await server.stop();
  }
};
