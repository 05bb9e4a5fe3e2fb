import { join } from 'node:path';
import { runCommand, withCommandsOf } from '../child.ts';
import { ROOT } from '../workspace.ts';
import { createDatabase, engines } from './databases.ts';
import { undoAll } from './leftovers.ts';

/** Runs the measurement of a slice, its `lab/bench.ts`, on both engines. */
export const benchSlice = (slice: string) => async (): Promise<void> => {
  const cwd = join(ROOT, 'slices', slice);
  for (const engine of engines) {
    const env = withCommandsOf(ROOT, { ...process.env, BENCH_DATABASE_URL: await createDatabase(engine) });
    // Not with `node --run`, which does not pass on signals.
    const code = await runCommand('node', ['lab/bench.ts'], { cwd, env });
    if (code !== 0) throw new Error(`the measurement ended with exit code ${code}`);
    await undoAll();
    if (engine !== engines.at(-1)) console.log();
  }
};
