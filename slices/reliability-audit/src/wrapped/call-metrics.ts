import { Counter, Gauge, type Registry } from 'prom-client';
import type { CircuitState } from '../calls/circuit-breaker.ts';
import type { GaveUp } from '../calls/retry.ts';

const states: readonly CircuitState[] = ['closed', 'open', 'half_open'];
const reasons: readonly GaveUp[] = ['attempts', 'budget', 'deadline', 'refused'];

/** Metrics of the calls to one upstream, to be fed by the callbacks of the patterns. */
export const createCallMetrics = (registry: Registry) => {
  const registers = [registry];
  const attempts = new Counter({
    name: 'upstream_attempts_total',
    help: 'Attempts to call the upstream',
    registers,
  });
  const retries = new Counter({
    name: 'upstream_retries_total',
    help: 'Attempts after the first',
    registers,
  });
  const givenUp = new Counter({
    name: 'upstream_retries_given_up_total',
    help: 'Calls that failed and were not repeated again, by reason',
    labelNames: ['reason'],
    registers,
  });
  const rejected = new Counter({
    name: 'bulkhead_rejections_total',
    help: 'Attempts that got no turn',
    registers,
  });
  const circuit = new Gauge({
    name: 'circuit_breaker_state',
    help: '1 for the state that the circuit breaker is in, 0 for the others',
    labelNames: ['state'],
    registers,
  });
  const showState = (current: CircuitState): void => {
    for (const state of states) circuit.set({ state }, Number(state === current));
  };
  for (const reason of reasons) givenUp.inc({ reason }, 0);
  showState('closed');
  return {
    onAttempt: () => attempts.inc(),
    onRetry: () => retries.inc(),
    onGiveUp: (reason: GaveUp) => givenUp.inc({ reason }),
    onReject: () => rejected.inc(),
    onChange: showState,
  };
};
