import { join } from 'node:path';
import { runCommand, withCommandsOf } from '../child.ts';
import { ROOT } from '../workspace.ts';
import { createDatabase, engines } from './databases.ts';
import { undoAll } from './leftovers.ts';

/** The cost of a catalog page at increasing depth and in categories of each level, on both engines. */
export const benchCatalogPages = async (): Promise<void> => {
  const cwd = join(ROOT, 'slices/catalog-pagination');
  for (const engine of engines) {
    const env = withCommandsOf(ROOT, { ...process.env, BENCH_DATABASE_URL: await createDatabase(engine) });
    // Not with `node --run`, which does not pass on signals.
    const code = await runCommand('node', ['lab/bench.ts'], { cwd, env });
    if (code !== 0) throw new Error(`the measurement ended with exit code ${code}`);
    await undoAll();
    if (engine !== engines.at(-1)) console.log();
  }
};
