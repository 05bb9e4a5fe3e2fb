import { readFileSync } from 'node:fs';

// `kill -INT` of make reaches only make: unlike SIGTERM, make does not pass on SIGINT or SIGHUP, because a terminal
// sends them to the whole process group. Make then waits for its child, which has received no signal. So the child
// watches its parent. Whether the parent has ended is visible on every system. Whether it is handling a signal is
// visible only on Linux, because a process blocks a signal while handling it. On other systems, send SIGTERM to make.

const LOOK_EVERY_MS = 250;
const HANGUP_OR_INTERRUPT = 0b11n;

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};

/**
 * Whether the process is a make that is handling SIGINT or SIGHUP. Others block signals too, for a moment, while they
 * start a process. Always false on systems without /proc.
 */
const isInterruptedMake = (pid: number): boolean => {
  const [, blocked = '0'] = /^SigBlk:\s*([0-9a-f]+)$/m.exec(read(pid, 'status')) ?? [];
  return (BigInt(`0x${blocked}`) & HANGUP_OR_INTERRUPT) !== 0n && /^g?make$/m.test(read(pid, 'comm'));
};

/**
 * Calls `stop` once if the make that started this process ends or is interrupted. The returned function stops watching.
 * Without make it does nothing, because a script's child may outlive the script.
 */
export const whenParentStops = (stop: () => void): (() => void) => {
  const parent = process.ppid;
  if (process.env.MAKELEVEL === undefined || isInterruptedMake(parent)) return () => {};
  const timer = setInterval(() => {
    if (process.ppid === parent && !isInterruptedMake(parent)) return;
    clearInterval(timer);
    stop();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
};
