import { runCommand } from './child.ts';
import { chooseSlice } from './choose.ts';
import { settings } from './settings.ts';
import { listPackages } from './workspace.ts';

const packages = listPackages();

/** The arguments of vitest: none for all tests, or a selection. `lab` selects the tests of the lab itself, in test/. */
const selection = (): string[] => {
  if (!settings.slice) return [];
  if (settings.slice === 'lab') return packages.map(({ folder }) => `--exclude=${folder}/**`);
  return [`${chooseSlice(packages, 'test').folder}/`];
};

process.exitCode = await runCommand('vitest', ['run', ...selection()]);
