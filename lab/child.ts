import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { whenParentStops } from './parent.ts';
import { ROOT } from './workspace.ts';

export interface ChildOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What the command reads instead of the terminal. */
  input?: Readable;
  /** Also receives the output that goes to the terminal. */
  onOutput?: (text: string) => void;
  /** Whether the output goes only to `onOutput`. */
  isSilent?: boolean;
}

/** `environment`, with the commands installed in `root` first in the PATH. */
export const withCommandsOf = (root: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const commands = join(root, 'node_modules', '.bin');
  const others = (environment.PATH ?? '')
    .split(delimiter)
    .filter((path) => path !== join(ROOT, 'node_modules/.bin'));
  return { ...environment, PATH: [commands, ...others].join(delimiter) };
};

/**
 * Runs a command and resolves with its exit code (for a signal, 128 + its number). Ctrl-C reaches the command from the
 * terminal, so this process only waits. SIGTERM reaches only this process and is passed on. If make alone ends or is
 * interrupted, the command is stopped as well (parent.ts).
 */
export const runCommand = (command: string, args: string[], options: ChildOptions = {}): Promise<number> => {
  const { cwd = ROOT, env = withCommandsOf(ROOT, process.env), input, onOutput, isSilent } = options;
  const output = onOutput ? 'pipe' : 'inherit';
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: [input ? 'pipe' : 'inherit', output, output],
    shell: process.platform === 'win32',
  });
  if (child.stdin) input?.pipe(child.stdin);
  const passTo = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
    if (!isSilent) stream.write(chunk);
    onOutput?.(chunk.toString());
  };
  child.stdout?.on('data', passTo(process.stdout));
  child.stderr?.on('data', passTo(process.stderr));
  const wait = () => {};
  const passOn = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', passOn);
  const stopLooking = whenParentStops(passOn);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => {
    stopLooking();
    process.off('SIGINT', wait).off('SIGTERM', passOn);
  });
};
