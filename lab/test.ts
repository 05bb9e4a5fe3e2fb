import { runCommand } from './child.ts';
import { chooseSlice } from './choose.ts';
import { settings } from './settings.ts';
import { listPackages } from './workspace.ts';

const folders = settings.slice ? [`${chooseSlice(listPackages(), 'test').folder}/`] : [];
process.exitCode = await runCommand('vitest', ['run', ...folders]);
