import type { ServerProcess } from './server-process.ts';

/** A server that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  readonly server: ServerProcess;
  /** Has the lab's features: a log line for each request, security headers, ids, validation. */
  readonly isFull: boolean;
  /** How many times its requests per second the lab should have. */
  readonly aim?: number;
}
