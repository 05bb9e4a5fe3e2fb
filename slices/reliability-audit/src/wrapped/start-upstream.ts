import type { Registry } from 'prom-client';
import { createBulkhead } from '../calls/bulkhead.ts';
import { createCircuitBreaker } from '../calls/circuit-breaker.ts';
import { systemClock } from '../calls/clock.ts';
import type { Policy } from '../calls/reliable.ts';
import { createRetryBudget } from '../calls/retry-budget.ts';
import type { UpstreamSettings } from '../config.ts';
import { startFlakyUpstream } from '../flaky-upstream.ts';
import { createCallMetrics } from './call-metrics.ts';
import { createUpstream, type UpstreamAnswer } from './upstream.ts';
import { isFailure, retryAfterMs } from './upstream-policy.ts';

/** How the calls to one HTTP upstream are made, from the settings of a server. */
const createUpstreamPolicy = (settings: UpstreamSettings, registry: Registry): Policy<UpstreamAnswer> => {
  const clock = systemClock;
  const { onReject, onChange, ...observers } = createCallMetrics(registry);
  const attemptTimeoutMs = settings.ATTEMPT_TIMEOUT_MS;
  return {
    deadlineMs: settings.DEADLINE_MS,
    attemptTimeoutMs,
    maxAttempts: settings.RETRY_MAX_ATTEMPTS,
    baseMs: settings.RETRY_BASE_MS,
    capMs: settings.RETRY_CAP_MS,
    retryAfterMs: retryAfterMs({ now: () => new Date() }),
    isFailure,
    budget: createRetryBudget(clock, {
      percent: settings.RETRY_BUDGET_PERCENT,
      reserve: settings.RETRY_BUDGET_RESERVE,
    }),
    breaker: createCircuitBreaker(
      { nowMs: clock.nowMs, onChange },
      {
        windowCalls: settings.BREAKER_WINDOW,
        failurePercent: settings.BREAKER_FAILURE_PERCENT,
        openMs: settings.BREAKER_OPEN_MS,
        probeTimeoutMs: attemptTimeoutMs,
      },
    ),
    bulkhead: createBulkhead(
      { clock, onReject },
      { maxCalls: settings.BULKHEAD_CALLS, maxQueue: settings.BULKHEAD_QUEUE },
    ),
    clock,
    ...observers,
  };
};

interface Server {
  readonly settings: UpstreamSettings;
  readonly registry: Registry;
  readonly resources: AsyncDisposableStack;
}

/** A client of `UPSTREAM_URL`, or of a flaky upstream that is started here, and the policy for calls to it. */
export const startUpstream = async ({ settings, registry, resources }: Server) => {
  const openFlaky = async (): Promise<string> => {
    const { url, close } = await startFlakyUpstream();
    resources.defer(close);
    return url;
  };
  const url = settings.UPSTREAM_URL ?? (await openFlaky());
  const upstream = createUpstream({
    url,
    bodyLimitBytes: settings.WRAPPED_BODY_BYTES,
    idleMs: settings.UPSTREAM_IDLE_MS,
  });
  resources.defer(() => upstream.close());
  return { url, upstream, policy: createUpstreamPolicy(settings, registry) };
};

/** The options of `createWrappedRouter` from the settings. */
export const wrappedOptions = (settings: UpstreamSettings) => ({
  bodyLimitBytes: settings.WRAPPED_BODY_BYTES,
  uploadMs: settings.UPLOAD_TIMEOUT_MS,
});
