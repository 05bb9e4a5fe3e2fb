import type { Check } from './doctor-checks.ts';

/** Reports each check in one line, with the remedy below if it failed. Resolves with whether all succeeded. */
export const examine = async (checks: Check[], report: (line: string) => void): Promise<boolean> => {
  let healthy = true;
  for (const { name, remedy, look } of checks) {
    try {
      report(`ok    ${name.padEnd(8)}  ${await look()}`);
    } catch (error) {
      healthy = false;
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      report(`FAIL  ${name.padEnd(8)}  ${reason}\n      ${' '.repeat(8)}  -> ${remedy}`);
    }
  }
  return healthy;
};
