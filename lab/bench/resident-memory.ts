import { existsSync, readFileSync } from 'node:fs';
import { atEnd } from './leftovers.ts';

const SAMPLE_MS = 50;
const KB_PER_MB = 1024;

/** Resident memory of a process in MB; 0 if it has ended, undefined if the system does not report it. */
const residentMb = (pid: number): number | undefined => {
  if (!existsSync('/proc/self/status')) return undefined;
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes) / KB_PER_MB);
  } catch {
    return 0;
  }
};

/** Samples the memory of a process, and kills it if it grows beyond `mostMb`. */
export const watchMemory = (pid: number, mostMb: number) => {
  let peakMb = 0;
  let fate: string | undefined;
  const sample = (): void => {
    const now = residentMb(pid);
    if (fate !== undefined || now === undefined) return;
    peakMb = Math.max(peakMb, now);
    if (now === 0) fate = 'ended on its own';
    if (now <= mostMb) return;
    fate = `grew beyond ${mostMb} MB and was killed`;
    process.kill(pid, 'SIGKILL');
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const clear = atEnd(() => clearInterval(timer));
  return {
    currentMb: () => residentMb(pid) ?? 0,
    /** Stops sampling; returns the peak, and how the process ended if it did. */
    stop: () => {
      clear();
      return { peakMb, fate };
    },
  };
};
