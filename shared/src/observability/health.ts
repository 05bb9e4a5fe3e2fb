import { serviceUnavailable } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

/** Resolves when the dependency answers; rejects when it does not. */
export type HealthCheck = () => Promise<unknown>;

interface CheckReport {
  readonly status: 'ok' | 'failed';
  readonly latency_ms: number;
  /** Why the check failed. */
  readonly reason?: string;
}

export interface HealthReport {
  readonly status: 'ok' | 'unavailable' | 'draining';
  readonly checks: Readonly<Record<string, CheckReport>>;
}

/** Readiness of one process: what it depends on, and whether it still wants requests. */
export interface Health {
  readonly isDraining: boolean;
  /** From now on not ready, so that load balancers send their requests elsewhere. */
  readonly drain: () => void;
  readonly report: () => Promise<HealthReport>;
}

const within = async (check: HealthCheck, timeoutMs: number): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new ProblemError(serviceUnavailable, { detail: `No answer within ${timeoutMs} ms.` });
  const timer = setTimeout(() => reject(late), timeoutMs);
  try {
    await Promise.race([check(), promise]);
  } finally {
    clearTimeout(timer);
  }
};

const reasonOf = (error: unknown): string =>
  error instanceof ProblemError ? error.message : 'The check failed; the log of the server may say why.';

/**
 * Runs every check side by side, each for at most `timeoutMs`. The report gives a reason only where the error was
 * written for clients: others may hold addresses or secrets and belong in the log, which `onFailure` is for.
 */
export const createHealth = (
  checks: Readonly<Record<string, HealthCheck>>,
  options: { readonly timeoutMs?: number; readonly onFailure?: (name: string, error: unknown) => void } = {},
): Health => {
  const { timeoutMs = 2000, onFailure } = options;
  let isDraining = false;

  const run = async (name: string, check: HealthCheck) => {
    const startedAtMs = performance.now();
    const outcome = await within(check, timeoutMs).then(
      () => ({ status: 'ok' as const }),
      (error: unknown) => {
        onFailure?.(name, error);
        return { status: 'failed' as const, reason: reasonOf(error) };
      },
    );
    const latency_ms = Math.round((performance.now() - startedAtMs) * 1000) / 1000;
    return [name, { ...outcome, latency_ms }] as const;
  };

  return {
    get isDraining() {
      return isDraining;
    },
    drain: () => {
      isDraining = true;
    },
    report: async () => {
      const results = await Promise.all(Object.entries(checks).map(([name, check]) => run(name, check)));
      const allOk = results.every(([, { status }]) => status === 'ok');
      return {
        status: isDraining ? 'draining' : allOk ? 'ok' : 'unavailable',
        checks: Object.fromEntries(results),
      };
    },
  };
};
