import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chooseSlice } from './choose.ts';
import { listPackages, ROOT } from './workspace.ts';

// Breaks the naive version of a slice before your eyes, and shows that the slice holds: same seed, same numbers.
const scriptOf = (folder: string): string => join(ROOT, folder, 'lab', 'break.ts');
const breakable = listPackages().filter(({ folder }) => existsSync(scriptOf(folder)));

await import(pathToFileURL(scriptOf(chooseSlice(breakable, 'break').folder)).href);
