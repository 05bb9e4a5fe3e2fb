import { settings } from './settings.ts';
import type { WorkspacePackage } from './workspace.ts';

/** The package named by `slice=NAME`. If there is none, lists the choices and exits with code 2. */
export const chooseSlice = (choices: WorkspacePackage[], task: string): WorkspacePackage => {
  const chosen = choices.find(({ id }) => id === settings.slice);
  if (chosen) return chosen;
  const width = Math.max(0, ...choices.map(({ id }) => id.length));
  console.error(settings.slice ? `There is no slice "${settings.slice}". There are:` : 'Which slice?');
  for (const { id, manifest } of choices) {
    console.error(`  make ${task} slice=${id.padEnd(width)}  ${manifest.lab?.theme ?? ''}`.trimEnd());
  }
  process.exit(2);
};
