import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const LONGEST_RACE_MS = 60_000;

const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const onExit = (code: number | null, signal: string | null): void =>
    reject(new Error(`a racing process ended without a result (${signal ?? `exit code ${code}`})`));
  child.once('exit', onExit);
  try {
    const [message]: unknown[] = await Promise.race([once(child, 'message'), promise]);
    return message;
  } finally {
    child.off('exit', onExit);
  }
};

/**
 * Runs one script in several processes at once, one per list of arguments; resolves with the result of each. The script
 * sends a message when it is warmed up, waits for one, runs, sends its result and disconnects:
 *
 *     process.send?.('ready');
 *     await once(process, 'message');
 *
 * No process runs before all are ready. Rejects if one ends early. After a minute all are killed.
 */
export const raceProcesses = async (
  script: URL,
  racers: readonly (readonly string[])[],
): Promise<unknown[]> => {
  const children = racers.map((args) => fork(script, args, { execArgv: [] }));
  const tooLate = setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, LONGEST_RACE_MS);
  try {
    await Promise.all(children.map(nextMessage));
    const results = children.map(nextMessage);
    for (const child of children) child.send('go');
    return await Promise.all(results);
  } finally {
    clearTimeout(tooLate);
    for (const child of children) child.kill('SIGKILL');
  }
};
