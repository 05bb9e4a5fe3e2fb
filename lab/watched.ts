import { watch } from 'node:fs';
import { PassThrough } from 'node:stream';
import { runCommand, withCommandsOf } from './child.ts';
import { ROOT } from './workspace.ts';

const SETTINGS_FILES = new Set(['.env', '.env.local', '.env.development', '.env.test', '.env.production']);

/**
 * Runs `src/server.ts` of a package, and again on every change of a module that it imports or of its `.env` files;
 * resolves to the exit code. tsx never watches hidden files, not even those given to `--include` (its issue 210), so the
 * settings are watched here, and tsx is told as a person would tell it: Return starts the server anew.
 */
export const runWatched = async (folder: string, settings: NodeJS.ProcessEnv): Promise<number> => {
  const input = new PassThrough();
  const watcher = watch(folder, (_event, name) => {
    if (name !== null && SETTINGS_FILES.has(name)) input.write('\n');
  });
  try {
    return await runCommand('tsx', ['watch', '--clear-screen=false', 'src/server.ts'], {
      cwd: folder,
      env: withCommandsOf(ROOT, settings),
      input,
    });
  } finally {
    watcher.close();
  }
};
