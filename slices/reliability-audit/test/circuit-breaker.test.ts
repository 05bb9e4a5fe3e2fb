import { CircuitState, CountBreaker, circuitBreaker, handleAll } from 'cockatiel';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type CircuitBreakerOptions,
  createCircuitBreaker,
  throughBreaker,
} from '../src/calls/circuit-breaker.ts';
import { beginCall, CircuitModel, endCall, letTimePass, type RealCircuit } from './circuit-model.ts';

const options = { windowCalls: 4, failurePercent: 50, openMs: 30, probeTimeoutMs: 7, probes: 1 };

const openCircuit = (given: CircuitBreakerOptions): RealCircuit => {
  let now = 0;
  return {
    breaker: createCircuitBreaker({ nowMs: () => now }, given),
    permits: new Map(),
    advance: (ms) => {
      now += ms;
    },
  };
};

const ids = fc.nat({ max: 5 });

const commands = fc.commands(
  [
    ids.map(beginCall),
    fc
      .tuple(ids, fc.constantFrom('succeed' as const, 'fail' as const, 'fail' as const, 'forget' as const))
      .map(([id, ending]) => endCall(id, ending)),
    fc.constantFrom(1, 3, 7, 8, 29, 30, 60).map(letTimePass),
  ],
  { size: '+1' },
);

/** Runs random commands against a breaker and a model that has the options it should have. */
const checkAgainstModel = (given: Required<CircuitBreakerOptions>, expected = given): void =>
  fc.assert(
    fc.property(commands, (run) => {
      fc.modelRun(() => ({ model: new CircuitModel(expected), real: openCircuit(given) }), run);
    }),
    { numRuns: 2000, seed: 20_261_120 },
  );

describe('the circuit breaker does what its model does, command by command', () => {
  test.each([options, { ...options, probes: 3 }, { ...options, windowCalls: 1, failurePercent: 100 }])(
    'with %o',
    (given) => checkAgainstModel(given),
  );

  test.each<[string, Partial<CircuitBreakerOptions>]>([
    ['a window of one call more', { windowCalls: 5 }],
    ['a threshold that must be exceeded', { failurePercent: 51 }],
    ['one probe too many', { probes: 2 }],
    ['probes that never time out', { probeTimeoutMs: 1e9 }],
    ['an open circuit that closes a moment early', { openMs: 29 }],
  ])('(detector) %s is found', (_name, bug) => {
    expect(() => checkAgainstModel({ ...options, ...bug }, options)).toThrow();
  });
});

describe('compared with cockatiel', () => {
  afterEach(() => vi.useRealTimers());

  const script = fc.array(fc.constantFrom('ok', 'fail', 'fail', 'wait 10', 'wait 30'), {
    minLength: 10,
    maxLength: 80,
  });

  test('lets the same calls through, and refuses the same, on 500 scripts of outcomes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        // Theirs opens above the threshold, ours at it.
        const breaker = new CountBreaker({ threshold: 0.4999, size: options.windowCalls });
        const theirs = circuitBreaker(handleAll, { halfOpenAfter: options.openMs, breaker });
        const ours = createCircuitBreaker({ nowMs: () => Date.now() }, { ...options, probeTimeoutMs: 1e9 });
        for (const step of steps) {
          if (step.startsWith('wait')) {
            vi.setSystemTime(Date.now() + Number(step.slice(5)));
            continue;
          }
          const madeBy = { theirs: 0, ours: 0 };
          const call = (who: 'theirs' | 'ours') => async () => {
            madeBy[who] += 1;
            if (step === 'fail') throw new Error('as the script says');
          };
          await theirs.execute(call('theirs')).catch(() => undefined);
          await throughBreaker(ours, call('ours'), (outcome) => 'error' in outcome).catch(() => undefined);
          expect(madeBy.ours).toBe(madeBy.theirs);
          expect(ours.state() === 'closed').toBe(theirs.state === CircuitState.Closed);
        }
      }),
      { numRuns: 500, seed: 20_261_120 },
    );
  });
});

test('a call whose caller left says nothing about the service', async () => {
  const breaker = createCircuitBreaker({ nowMs: () => 0 }, { ...options, windowCalls: 1 });
  const failing = () => Promise.reject(new Error('left'));
  await throughBreaker(breaker, failing, () => true, AbortSignal.abort()).catch(() => undefined);
  expect(breaker.state()).toBe('closed');
  await throughBreaker(breaker, failing, () => true).catch(() => undefined);
  expect(breaker.state()).toBe('open');
});
