import type fc from 'fast-check';
import {
  type CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  type Permit,
} from '../src/calls/circuit-breaker.ts';

type Ending = 'succeed' | 'fail' | 'forget';

/** What a circuit breaker should do, step by step, with no thought of speed. */
export class CircuitModel {
  nowMs = 0;
  mode: 'closed' | 'open' | 'half_open' = 'closed';
  /** Counts the changes of mode. */
  period = 0;
  outcomes: Ending[] = [];
  openUntilMs = 0;
  probes: { readonly id: number; readonly startedAtMs: number }[] = [];
  succeeded = 0;
  readonly permits = new Map<number, number>();
  readonly options: Required<CircuitBreakerOptions>;

  constructor(options: Required<CircuitBreakerOptions>) {
    this.options = options;
  }

  become(mode: CircuitModel['mode'], outcomes: Ending[] = []): void {
    this.mode = mode;
    this.period += 1;
    this.outcomes = outcomes;
    this.probes = [];
    this.succeeded = 0;
  }

  open(): void {
    this.become('open');
    this.openUntilMs = this.nowMs + this.options.openMs;
  }

  /** Lets time pass millisecond by millisecond. */
  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += 1) {
      this.nowMs += 1;
      const isOver = ({ startedAtMs }: { startedAtMs: number }) =>
        startedAtMs + this.options.probeTimeoutMs <= this.nowMs;
      if (this.mode === 'half_open' && this.probes.some(isOver)) this.open();
      if (this.mode === 'open' && this.openUntilMs <= this.nowMs) this.become('half_open');
    }
  }

  isAdmitting(): boolean {
    if (this.mode === 'half_open') return this.probes.length + this.succeeded < this.options.probes;
    return this.mode === 'closed';
  }

  admit(id: number): void {
    this.permits.set(id, this.period);
    if (this.mode === 'half_open') this.probes.push({ id, startedAtMs: this.nowMs });
  }

  end(id: number, ending: Ending): void {
    const period = this.permits.get(id);
    this.permits.delete(id);
    if (period !== this.period) return;
    if (this.mode === 'half_open') this.endProbe(id, ending);
    else if (ending !== 'forget') {
      this.outcomes.push(ending);
      const { windowCalls, failurePercent } = this.options;
      const last = this.outcomes.slice(-windowCalls);
      const failed = last.filter((each) => each === 'fail').length;
      if (ending === 'fail' && last.length === windowCalls && (failed * 100) / windowCalls >= failurePercent)
        this.open();
    }
  }

  endProbe(id: number, ending: Ending): void {
    this.probes = this.probes.filter((probe) => probe.id !== id);
    if (ending === 'fail') this.open();
    if (ending !== 'succeed') return;
    this.succeeded += 1;
    const { probes } = this.options;
    if (this.succeeded === probes)
      this.become(
        'closed',
        Array.from({ length: probes }, () => 'succeed'),
      );
  }
}

/** A breaker under test with the permits that it has given out. */
export interface RealCircuit {
  readonly breaker: CircuitBreaker;
  readonly permits: Map<number, Permit>;
  readonly advance: (ms: number) => void;
}

type Command = fc.Command<CircuitModel, RealCircuit>;

const compare = (model: CircuitModel, { breaker }: RealCircuit): void => {
  if (breaker.state() !== model.mode) throw new Error(`${breaker.state()} instead of ${model.mode}`);
};

const tryAdmit = (breaker: CircuitBreaker): Permit | CircuitOpenError => {
  try {
    return breaker.admit();
  } catch (error) {
    if (error instanceof CircuitOpenError) return error;
    throw error;
  }
};

export const beginCall = (id: number): Command => ({
  check: (model) => !model.permits.has(id),
  run: (model, real) => {
    const admitted = tryAdmit(real.breaker);
    if (admitted instanceof CircuitOpenError === model.isAdmitting())
      throw new Error(`${model.mode}: the call should ${model.isAdmitting() ? '' : 'not '}be let through`);
    if (admitted instanceof CircuitOpenError) {
      if (!(admitted.retryAfterMs > 0)) throw new Error('a call is refused, but may come again at once');
    } else {
      real.permits.set(id, admitted);
      model.admit(id);
    }
    compare(model, real);
  },
  toString: () => `begin ${id}`,
});

export const endCall = (id: number, ending: Ending): Command => ({
  check: (model) => model.permits.has(id),
  run: (model, real) => {
    real.permits.get(id)?.[ending]();
    model.end(id, ending);
    compare(model, real);
  },
  toString: () => `${ending} ${id}`,
});

export const letTimePass = (ms: number): Command => ({
  check: () => true,
  run: (model, real) => {
    real.advance(ms);
    model.advance(ms);
    compare(model, real);
  },
  toString: () => `wait ${ms}`,
});
