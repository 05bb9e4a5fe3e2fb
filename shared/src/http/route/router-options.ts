import type { Callers } from './callers.ts';

export interface RouterOptions {
  /** Required if a contract asks for a caller. */
  readonly callers?: Callers | undefined;
  /** Secrets of signed cookies, newest first. The first one signs; all of them verify. */
  readonly cookieSecrets?: readonly string[] | undefined;
}
