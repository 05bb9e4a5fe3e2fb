/**
 * Problem: when a service is down, every caller tries several times, and the retries keep it down.
 * The idea: a bucket of tokens. Each call adds a part of a token, each retry takes a whole one.
 * Guarantees: of n calls in t seconds, attempts are at most n * (1 + percent / 100) + reserve + reservePerSecond * t. With
 * the defaults 1.1 times the calls, plus 20, plus one a second. The last part lets a caller with little traffic retry at
 * all: whoever calls less than once a second may repeat each call.
 * Does NOT guarantee: a limit across processes. Each has its own budget, in proportion to its own calls.
 */
export interface RetryBudgetOptions {
  /** Retries for each 100 calls (default 10). */
  readonly percent?: number;
  /** Most retries at once beyond that: the size of the bucket, which starts full (default 20). */
  readonly reserve?: number;
  /** Retries that a caller with little traffic gets back each second (default 1). */
  readonly reservePerSecond?: number;
}

/** A budget for all calls to one service. */
export const createRetryBudget = (
  { nowMs }: { readonly nowMs: () => number },
  { percent = 10, reserve = 20, reservePerSecond = 1 }: RetryBudgetOptions = {},
) => {
  let tokens = reserve;
  let filledAtMs = nowMs();

  const add = (more: number): void => {
    tokens = Math.min(reserve, tokens + more);
  };

  return {
    /** To be called once for each call, not for its retries. */
    recordCall: (): void => add(percent / 100),

    /** Takes a retry from the budget; false if there is none left. */
    takeRetry: (): boolean => {
      const now = nowMs();
      add(((now - filledAtMs) / 1000) * reservePerSecond);
      filledAtMs = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
};

export type RetryBudget = ReturnType<typeof createRetryBudget>;
