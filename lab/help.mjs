// Plain JavaScript, because it runs before anything is installed, with any version of Node.
import { readFileSync } from 'node:fs';

const makefile = readFileSync(new URL('../Makefile', import.meta.url), 'utf8');
for (const [, target = '', text = ''] of makefile.matchAll(/^([a-z]+):.*?## (.+)$/gm)) {
  console.log(`  make ${target.padEnd(8)}  ${text}`);
}
