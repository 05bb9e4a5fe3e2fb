import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chooseSlice } from './choose.ts';
import { whenParentStops } from './parent.ts';
import { settings } from './settings.ts';
import { listServers, ROOT } from './workspace.ts';

const { folder } = chooseSlice(listServers(), 'run');
const server = join(ROOT, folder, 'src', 'server.ts');

// The server runs in this process, so that signals from the terminal reach it directly.
Object.assign(process.env, settings);
process.argv = [process.execPath, server];
whenParentStops(() => process.kill(process.pid, 'SIGTERM'));
process.chdir(join(ROOT, folder));
await import(pathToFileURL(server).href);
