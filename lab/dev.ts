import { join } from 'node:path';
import { chooseSlice } from './choose.ts';
import { settings } from './settings.ts';
import { runWatched } from './watched.ts';
import { listServers, ROOT } from './workspace.ts';

const { folder } = chooseSlice(listServers(), 'dev');
process.exitCode = await runWatched(join(ROOT, folder), settings);
