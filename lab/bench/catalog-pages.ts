import { join } from 'node:path';
import { runCommand, withCommandsOf } from '../child.ts';
import { ROOT } from '../workspace.ts';

/**
 * What a page of the catalogue costs at growing depth, by keyset and by OFFSET: on SQLite, and on the empty Postgres
 * database that `BENCH_POSTGRES_URL` names, if it does.
 */
export const benchCatalogPages = async (): Promise<void> => {
  const cwd = join(ROOT, 'slices/catalog-pagination');
  const { BENCH_POSTGRES_URL } = process.env;
  for (const BENCH_DATABASE_URL of [undefined, ...(BENCH_POSTGRES_URL ? [BENCH_POSTGRES_URL] : [])]) {
    const env = withCommandsOf(ROOT, { ...process.env, BENCH_DATABASE_URL });
    const code = await runCommand('node', ['--run', 'bench'], { cwd, env });
    if (code !== 0) throw new Error(`the measurement ended with exit code ${code}`);
  }
};
