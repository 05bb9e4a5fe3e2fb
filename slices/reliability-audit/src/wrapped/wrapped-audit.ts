import type { Caller } from '@lab/shared/http';

/** What is known of a wrapped call before it is made. */
export interface WrappedCall {
  readonly method: string;
  /** What is done, if it is no call of that method to the upstream. */
  readonly action?: string;
  /** The requested path, without its query: `/wrapped/flaky/1`. */
  readonly resource: string;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly traceId: string;
}

export interface CallResult {
  /** `succeeded`: the upstream answered with a status below 500. */
  readonly outcome: 'succeeded' | 'failed';
  /** Of the answer to the client; 499 if it has left. */
  readonly status: number;
  /** 0 if the circuit breaker or the bulkhead refused the call. */
  readonly attempts: number;
  readonly durationMs: number;
}

/** Keeps a record of wrapped calls. */
export interface WrappedAudit {
  /**
   * Resolves with an id when the call is on record. Rejects with a ProblemError if it cannot be and must be: then the
   * call is not made.
   */
  readonly started: (call: WrappedCall) => Promise<string>;
  /** Does not reject: the call has been made, and its answer belongs to the client. */
  readonly completed: (id: string, result: CallResult) => Promise<void>;
}

/** Keeps no record. */
export const unaudited: WrappedAudit = { started: async () => '', completed: async () => undefined };
