// Plain JavaScript, because nothing needs to be installed to remove what was.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const slices = join(root, 'slices');
const packages = [root, join(root, 'shared'), join(root, 'testing'), join(root, 'combined-demo')];
if (existsSync(slices)) packages.push(...readdirSync(slices).map((slice) => join(slices, slice)));

for (const folder of packages) {
  for (const name of ['node_modules', 'data', 'coverage']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
