/** Calls under a policy of reliability-audit, for benchmarks. */
export { createDefaultPolicy } from '../slices/reliability-audit/lab/default-policy.ts';
export { reliable, systemClock } from '../slices/reliability-audit/src/index.ts';
