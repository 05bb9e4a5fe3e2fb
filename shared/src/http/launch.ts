import { SettingsError } from '../config/settings.ts';
import { StartError } from './serve.ts';

/** Failures of the system and of databases carry a code, and a message that says what could not be had. */
const isExplained = (error: unknown): error is Error =>
  error instanceof SettingsError ||
  error instanceof StartError ||
  (error instanceof Error && 'code' in error);

/** Runs a launcher. A failure to start ends the process with exit code 1; foreseen ones without a stack. */
export const launch = async (main: () => Promise<void>): Promise<void> => {
  try {
    await main();
  } catch (error) {
    process.stderr.write(
      isExplained(error) ? `${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(1);
  }
};
