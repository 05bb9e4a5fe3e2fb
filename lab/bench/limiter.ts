import { join } from 'node:path';
import { runCommand, withCommandsOf } from '../child.ts';
import { ROOT } from '../workspace.ts';

/** The token buckets of promo-rate-limit against rate-limiter-flexible, in one process, in memory and on Redis. */
export const benchLimiter = async (): Promise<void> => {
  const cwd = join(ROOT, 'slices/promo-rate-limit');
  const env = withCommandsOf(ROOT, { ...process.env });
  const code = await runCommand('node', ['lab/bench.ts'], { cwd, env });
  if (code !== 0) throw new Error(`the measurement ended with exit code ${code}`);
};
