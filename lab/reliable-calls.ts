/** The patterns of reliability-audit, for benchmarks. */
export {
  createBulkhead,
  createCircuitBreaker,
  createRetryBudget,
  type Policy,
  reliable,
  systemClock,
} from '../slices/reliability-audit/src/index.ts';
