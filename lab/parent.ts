import { readFileSync } from 'node:fs';

// `kill -INT` of make alone reaches nothing but make: unlike SIGTERM, make does not pass SIGINT or SIGHUP on, because
// a terminal sends those to every process of the group. It then waits for its child, which knows of nothing. So the
// child looks at its parent. That a parent has ended shows everywhere. That it is interrupted and waits shows on Linux:
// a process blocks a signal while it handles it. On other systems, send make a SIGTERM.

const LOOK_EVERY_MS = 250;
const HANGUP_OR_INTERRUPT = 0b11n;

/** Whether the process is in the middle of handling SIGINT or SIGHUP. Always false where there is no /proc. */
const isInterrupted = (pid: number): boolean => {
  try {
    const [, blocked = '0'] =
      /^SigBlk:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (BigInt(`0x${blocked}`) & HANGUP_OR_INTERRUPT) !== 0n;
  } catch {
    return false;
  }
};

/**
 * Calls `stop` once when the make that started this process has ended or is interrupted; returns how to stop looking.
 * Without make it never does: what a script starts may outlive the script.
 */
export const whenParentStops = (stop: () => void): (() => void) => {
  const parent = process.ppid;
  if (process.env.MAKELEVEL === undefined || isInterrupted(parent)) return () => {};
  const timer = setInterval(() => {
    if (process.ppid === parent && !isInterrupted(parent)) return;
    clearInterval(timer);
    stop();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
};
