import type { ServerProcess } from './server-process.ts';

/** A server that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  readonly server: ServerProcess;
  /** Whether it has the lab's features: a log line for each request, security headers, ids, validation. */
  readonly isFull: boolean;
  /** The ratio of the lab's requests per second to this server's that the lab aims for. */
  readonly aim?: number;
}
