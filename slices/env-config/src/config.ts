import { callerSettings, databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { redisSettings } from '@lab/shared/redis';
import { z } from 'zod';

/** Settings of a server with flags. */
export const flagSettings = () => ({
  FLAGS_FILE: z
    .string()
    .optional()
    .describe('Path of the file of flags. Without it, the flags.json of the server is used.'),
  FLAGS_POLL_MS: wholeNumber(10, 5000)
    .default(1000)
    .describe(
      'Pause between two readings of the flags, in milliseconds: how late a server may follow a change.',
    ),
});

export const envConfigSettings = z.object({
  ...serverSettings({ port: 3009 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/env-config.db' }),
  ...redisSettings(),
  ...flagSettings(),
});

interface FlagSettings {
  readonly APP_ENV: string;
  readonly FLAGS_FILE?: string | undefined;
  readonly FLAGS_POLL_MS: number;
}

/** The options of `startFlags` from the settings. `file` is used where none is set. */
export const flagOptions = (settings: FlagSettings, file: string) => ({
  file: settings.FLAGS_FILE ?? file,
  environment: settings.APP_ENV,
  pollMs: settings.FLAGS_POLL_MS,
});
