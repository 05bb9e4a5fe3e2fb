import type { Callers } from './callers.ts';

export interface RouterOptions {
  /** Needed as soon as one contract asks for a caller. */
  readonly callers?: Callers | undefined;
  /** Secrets of signed cookies, the newest first: it signs, and all of them verify. */
  readonly cookieSecrets?: readonly string[] | undefined;
}
