import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './child.ts';
import { layDown } from './new/lay-down.ts';
import { camelOf, nameFault, pascalOf } from './new/name.ts';
import { settings } from './settings.ts';
import { ROOT } from './workspace.ts';

// Lays down a small slice with all that a slice has, around a write that is safe to retry. Replace its idea and its words
// step by step; its checks pass from the start.

const name = settings.slice ?? '';
const fault = nameFault(name, readdirSync(join(ROOT, 'slices')));
if (fault !== undefined) {
  console.error(fault);
  process.exit(2);
}

const { port } = layDown(ROOT, name);
const pascal = pascalOf(name);
console.log(`Wrote slices/${name} (port ${port}), and its rows in TRACKER.md and README.md. Try it:

  make break slice=${name}
  make dev slice=${name}
  make isolate slice=${name}

To plug it into the combined demo, add "@lab/${name}": "workspace:*" to combined-demo/package.json, and

  combined-demo/src/database.ts   ${pascal}Tables to DemoTables, ${camelOf(name)}Migrations to demoMigrations
  combined-demo/src/app.ts        create${pascal}Router({ notes: createNoteStore(db, { now }) }) to slices

and call it done in TRACKER.md.
`);

// The lockfile has to learn of the new package, which CI's environment would forbid.
process.exitCode = await runCommand('node', ['lab/install.mjs', '--no-frozen-lockfile', '--prefer-offline']);
