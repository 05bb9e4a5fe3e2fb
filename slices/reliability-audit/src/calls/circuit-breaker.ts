/**
 * Problem: calls to a service that is down all wait for their timeout, and keep it from coming up again.
 * The idea: a window of the last outcomes. If too many are failures, the circuit opens: calls are refused at once. After a
 * while a few probes find out whether the service is back.
 * Guarantees: an open circuit lets nothing through; a half-open one no more than its probes, and a probe that hangs or
 * never reports counts as failed when its time is over. Outcomes from before a change of state count for nothing.
 * Does NOT guarantee: a shared view. Each process learns for itself.
 */
import { type Outcome, RefusedError } from './call.ts';
import { createOutcomeWindow } from './outcome-window.ts';

export interface CircuitBreakerOptions {
  /** How many of the last calls count. The circuit stays closed until there are as many. */
  readonly windowCalls: number;
  /** Opens when at least this percentage of them failed. */
  readonly failurePercent: number;
  /** How long it stays open, in milliseconds. */
  readonly openMs: number;
  /** Longest time of a probe, in milliseconds. */
  readonly probeTimeoutMs: number;
  /** How many probes must succeed to close it, and the most at once (default 1). */
  readonly probes?: number;
}

export type CircuitState = 'closed' | 'open' | 'half_open';

/** The circuit is open. */
export class CircuitOpenError extends RefusedError {
  override readonly name = 'CircuitOpenError';
  /** When the next call may be let through, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the circuit is open');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Leave for one call. Exactly one of the functions is to be called, once. */
export interface Permit {
  readonly succeed: () => void;
  readonly fail: () => void;
  /** The call says nothing about the service, for example because its caller left. */
  readonly forget: () => void;
}

export interface CircuitBreakerDeps {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  readonly onChange?: (state: CircuitState) => void;
}

/** A period in one state. */
type Period =
  | { readonly state: 'closed'; readonly permit: Permit }
  | { readonly state: 'open'; readonly untilMs: number }
  | { readonly state: 'half_open'; readonly admit: () => Permit | number; readonly oldestMs: () => number };

/** A breaker for all calls to one service. It is closed at first. */
export const createCircuitBreaker = (
  { nowMs, onChange }: CircuitBreakerDeps,
  { windowCalls, failurePercent, openMs, probeTimeoutMs, probes = 1 }: CircuitBreakerOptions,
) => {
  const become = (next: Period): void => {
    period = next;
    onChange?.(next.state);
  };

  const open = (sinceMs: number): void => become({ state: 'open', untilMs: sinceMs + openMs });

  /** The probes that closed it are the first successes of the new window. */
  const closed = (successes: number): Period => {
    const window = createOutcomeWindow(windowCalls);
    for (let count = 0; count < successes; count += 1) window.add(false);
    const record = (isFailure: boolean): void => {
      if (period !== mine) return;
      window.add(isFailure);
      if (isFailure && window.isFull() && window.failurePercent() >= failurePercent) open(nowMs());
    };
    const permit = { succeed: () => record(false), fail: () => record(true), forget: () => undefined };
    const mine: Period = { state: 'closed', permit };
    return mine;
  };

  const halfOpen = (): Period => {
    const startedAtMs = new Map<Permit, number>();
    let succeeded = 0;
    const oldestMs = (): number => Math.min(...startedAtMs.values());
    const settle = (permit: Permit, end: () => void): void => {
      // Its time may be over without anyone having looked.
      if (current() !== mine || !startedAtMs.delete(permit)) return;
      end();
    };
    const probe = (): Permit => {
      const permit: Permit = {
        succeed: () =>
          settle(permit, () => {
            succeeded += 1;
            if (succeeded === probes) become(closed(succeeded));
          }),
        fail: () => settle(permit, () => open(nowMs())),
        forget: () => settle(permit, () => undefined),
      };
      startedAtMs.set(permit, nowMs());
      return permit;
    };
    const mine: Period = {
      state: 'half_open',
      oldestMs,
      admit: () => (startedAtMs.size + succeeded < probes ? probe() : oldestMs() + probeTimeoutMs - nowMs()),
    };
    return mine;
  };

  /** The current period, after the changes that time alone has made. */
  const current = (): Period => {
    const now = nowMs();
    if (period.state === 'half_open' && period.oldestMs() + probeTimeoutMs <= now)
      open(period.oldestMs() + probeTimeoutMs);
    if (period.state === 'open' && period.untilMs <= now) become(halfOpen());
    return period;
  };

  let period: Period = closed(0);

  return {
    /** Leave for a call. Throws a CircuitOpenError if there is none. */
    admit: (): Permit => {
      const now = current();
      if (now.state === 'closed') return now.permit;
      const admitted = now.state === 'open' ? now.untilMs - nowMs() : now.admit();
      if (typeof admitted === 'number') throw new CircuitOpenError(admitted);
      return admitted;
    },

    state: (): CircuitState => current().state,
  };
};

export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>;

/** Makes an attempt if the circuit lets it through, and reports how it ended. `signal`: that of the caller. */
export const throughBreaker = async <Value>(
  breaker: CircuitBreaker,
  attempt: () => Promise<Value>,
  isFailure: (outcome: Outcome<Value>) => boolean,
  signal?: AbortSignal,
): Promise<Value> => {
  const permit = breaker.admit();
  const report = (outcome: Outcome<Value>): void => (isFailure(outcome) ? permit.fail() : permit.succeed());
  try {
    const value = await attempt();
    report({ value });
    return value;
  } catch (error) {
    if (signal?.aborted) permit.forget();
    else report({ error });
    throw error;
  }
};
