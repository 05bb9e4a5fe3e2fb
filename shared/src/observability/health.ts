/** Resolves when the dependency answers; rejects when it does not. */
export type HealthCheck = () => Promise<unknown>;

export interface HealthReport {
  readonly status: 'ok' | 'unavailable' | 'draining';
  readonly checks: Readonly<
    Record<string, { readonly status: 'ok' | 'failed'; readonly latency_ms: number }>
  >;
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
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([check(), promise]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Runs every check side by side, each for at most `timeoutMs`. A failed check is reported by name alone: its
 * reason may hold addresses and belongs into the log, which `onFailure` is for.
 */
export const createHealth = (
  checks: Readonly<Record<string, HealthCheck>>,
  options: { readonly timeoutMs?: number; readonly onFailure?: (name: string, error: unknown) => void } = {},
): Health => {
  const { timeoutMs = 2000, onFailure } = options;
  let isDraining = false;

  const run = async (name: string, check: HealthCheck) => {
    const startedAtMs = performance.now();
    const status = await within(check, timeoutMs).then(
      () => 'ok' as const,
      (error: unknown) => {
        onFailure?.(name, error);
        return 'failed' as const;
      },
    );
    return [
      name,
      { status, latency_ms: Math.round((performance.now() - startedAtMs) * 1000) / 1000 },
    ] as const;
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
