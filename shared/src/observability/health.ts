import { z } from 'zod';
import { serviceUnavailable } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

/** Resolves if the dependency responds, rejects if it does not. */
export type HealthCheck = () => Promise<unknown>;

const checkReport = z.strictObject({
  status: z.enum(['ok', 'failed']),
  latency_ms: z.number(),
  /** Why the check failed. */
  reason: z.string().optional(),
});

export const healthReport = z.strictObject({
  status: z.enum(['ok', 'unavailable', 'draining']),
  checks: z.record(z.string(), checkReport),
});

export type HealthReport = z.output<typeof healthReport>;

/** Readiness of one process: whether its dependencies respond, and whether it still takes requests. */
export interface Health {
  readonly isDraining: boolean;
  /** Reports "not ready" from now on, so that load balancers send requests elsewhere. */
  readonly drain: () => void;
  readonly report: () => Promise<HealthReport>;
}

const within = async (check: HealthCheck, timeoutMs: number): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new ProblemError(serviceUnavailable, { detail: `No response within ${timeoutMs} ms.` });
  const timer = setTimeout(() => reject(late), timeoutMs);
  try {
    await Promise.race([check(), promise]);
  } finally {
    clearTimeout(timer);
  }
};

const reasonOf = (error: unknown): string =>
  error instanceof ProblemError ? error.message : 'The check failed. The server log may say why.';

/**
 * Runs all checks in parallel, each for at most `timeoutMs`. The report includes only reasons that were written for
 * clients. Other errors may contain addresses or secrets: log them in `onFailure`.
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
