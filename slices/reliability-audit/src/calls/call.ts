/** One try of a call. */
export interface Attempt {
  /** Aborts when no one waits for this attempt any more. Pass it on to what the call does. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly number: number;
}

/** Anything asynchronous that may fail, such as a request to another service. */
export type Call<Value> = (attempt: Attempt) => Promise<Value>;

/** How an attempt ended. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: unknown };

/** Waits for an attempt. Does not reject. */
export const outcomeOf = async <Value>(attempt: Promise<Value>): Promise<Outcome<Value>> => {
  try {
    return { value: await attempt };
  } catch (error) {
    return { error };
  }
};

/** The value, or throws the error. */
export const unwrap = <Value>(outcome: Outcome<Value>): Value => {
  if ('value' in outcome) return outcome.value;
  throw outcome.error;
};

/** How long a call may wait, and for whom. */
export interface Wait {
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineAtMs: number;
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal | undefined;
}

/** The attempt was not made, because a circuit breaker or a bulkhead refused it. The other side saw nothing of it. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
}

/** No attempt ended in time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}
