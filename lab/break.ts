import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Story } from '../testing/src/story/story.ts';
import { chooseSlice } from './choose.ts';
import { flawsOf, heartsIn, tell } from './story.ts';
import { listPackages, ROOT } from './workspace.ts';

// Shows how the naive version of a slice fails and that the slice does not. The seed is fixed, so the numbers repeat.
const scriptOf = (folder: string): string => join(ROOT, folder, 'lab', 'break.ts');
const breakable = listPackages().filter(({ folder }) => existsSync(scriptOf(folder)));
const { folder } = chooseSlice(breakable, 'break');

console.log(heartsIn(ROOT, folder));
const { breakNaive }: { breakNaive: () => Promise<Story> } = await import(
  pathToFileURL(scriptOf(folder)).href
);
const story = await breakNaive();
console.log(tell(story));
for (const flaw of flawsOf(story)) {
  console.error(`\n${flaw}.`);
  process.exitCode = 1;
}
