import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a process holds in memory (RSS), in mebibytes. Rejects where it is gone. */
export const residentMebibytes = async (pid: number | undefined): Promise<number> => {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
};
