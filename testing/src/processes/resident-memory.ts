import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The resident memory (RSS) of a process in mebibytes. Rejects if the process has ended. */
export const residentMebibytes = async (pid: number | undefined): Promise<number> => {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
};
