import { join } from 'node:path';
import { runCommand, withCommandsOf } from './child.ts';
import { chooseSlice } from './choose.ts';
import { settings } from './settings.ts';
import { listServers, ROOT } from './workspace.ts';

const { folder } = chooseSlice(listServers(), 'dev');
process.exitCode = await runCommand('node', ['--watch', '--watch-preserve-output', 'src/server.ts'], {
  cwd: join(ROOT, folder),
  env: withCommandsOf(ROOT, settings),
});
