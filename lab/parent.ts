import { readFileSync } from 'node:fs';

// `kill -INT` of make alone reaches nothing but make: unlike SIGTERM, make does not pass SIGINT or SIGHUP on, because
// a terminal sends those to every process of the group. It then waits for its child, which knows of nothing. So the
// child looks at its parent. That a parent has ended shows everywhere. That it is interrupted and waits shows on Linux:
// a process blocks a signal while it handles it. On other systems, send make a SIGTERM.

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
 * start a process. Always false where there is no /proc.
 */
const isInterruptedMake = (pid: number): boolean => {
  const [, blocked = '0'] = /^SigBlk:\s*([0-9a-f]+)$/m.exec(read(pid, 'status')) ?? [];
  return (BigInt(`0x${blocked}`) & HANGUP_OR_INTERRUPT) !== 0n && /^g?make$/m.test(read(pid, 'comm'));
};

/**
 * Calls `stop` once when the make that started this process has ended or is interrupted; returns how to stop looking.
 * Without make it never does: what a script starts may outlive the script.
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
