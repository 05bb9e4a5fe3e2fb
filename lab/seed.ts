import { join } from 'node:path';
import { runCommand, withCommandsOf } from './child.ts';
import { settings } from './settings.ts';
import { listPackages, ROOT } from './workspace.ts';

const seeded = listPackages().filter(({ manifest }) => manifest.scripts.seed !== undefined);
if (seeded.length === 0) console.log('No slice keeps data that needs seeding.');

for (const { id, folder } of seeded) {
  console.log(`Seeding ${id}`);
  const options = { cwd: join(ROOT, folder), env: withCommandsOf(ROOT, settings) };
  process.exitCode ||= await runCommand('node', ['--run', 'seed'], options);
}
