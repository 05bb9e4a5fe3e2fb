import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';

const LONGEST_RACE_MS = 60_000;

/** Processes that are warmed up and wait. */
export interface Racers extends Disposable {
  /** Sends each process its task, at the same moment. Resolves with the result of each. After a minute all are killed. */
  readonly race: (tasks: readonly Serializable[]) => Promise<unknown[]>;
}

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
 * Runs one script in several processes, one per list of arguments, for any number of races. The script sends a message
 * when it is warmed up, and a result for each task that it receives:
 *
 *     process.on('message', async (task) => process.send?.(await run(task)));
 *     process.send?.('ready');
 *
 * Resolves when all are ready. Rejects if one ends early. They are killed when they are disposed of.
 */
export const startRacers = async (script: URL, racers: readonly (readonly string[])[]): Promise<Racers> => {
  const children = racers.map((args) => fork(script, args, { execArgv: [] }));
  const kill = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const tooLate = setTimeout(kill, LONGEST_RACE_MS);
    try {
      return await work;
    } catch (error) {
      kill();
      throw error;
    } finally {
      clearTimeout(tooLate);
    }
  };
  await inTime(Promise.all(children.map(nextMessage)));
  const race: Racers['race'] = (tasks) => {
    const results = children.map(nextMessage);
    for (const [index, child] of children.entries()) child.send(tasks[index] ?? 'go');
    return inTime(Promise.all(results));
  };
  return { race, [Symbol.dispose]: kill };
};

/** One race of processes that receive nothing but the signal to go, and may end after their result. See startRacers. */
export const raceProcesses = async (
  script: URL,
  racers: readonly (readonly string[])[],
): Promise<unknown[]> => {
  using started = await startRacers(script, racers);
  return await started.race([]);
};
