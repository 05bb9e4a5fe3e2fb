import type { RawAnswer } from '../http/raw-client.ts';
import { type FuzzRequest, printable, toBytes } from './fuzz-request.ts';
import type { Outcome } from './fuzz-verdict.ts';

type Outcomes = Readonly<Record<Outcome, number>>;

interface RouteReport {
  readonly valid: Outcomes;
  readonly broken: Outcomes;
}

export interface FuzzReport {
  /** By name of the contract. */
  readonly routes: Readonly<Record<string, RouteReport>>;
  readonly requests: number;
  readonly elapsedMs: number;
  /** The failures, each with the smallest request that shows it. */
  readonly failures: readonly string[];
}

type Tally = Record<'valid' | 'broken', Record<Outcome, number>>;

interface Failure {
  readonly route: string;
  readonly fault: string;
  readonly request: FuzzRequest;
  readonly answer: RawAnswer;
  readonly count: number;
}

const sizeOf = (request: FuzzRequest): number => toBytes(request).length;

const describeAnswer = (answer: RawAnswer): string =>
  typeof answer === 'string' ? answer : `${answer.status} ${printable(answer.body, 600)}`;

const describeFailure = ({ route, fault, request, answer, count }: Failure): string =>
  [
    `${route}: ${fault} (${request.kind}; ${count} times)`,
    `  request: ${printable(toBytes(request))}`,
    `  answer: ${describeAnswer(answer)}`,
  ].join('\n');

const zero = (): Record<Outcome, number> => ({ accepted: 0, declined: 0, refused: 0 });

/** Counts outcomes by route, and keeps the smallest request for each kind of failure. */
export class FuzzRecord {
  readonly #routes = new Map<string, Tally>();
  readonly #failures = new Map<string, Failure>();
  #requests = 0;

  count(route: string, isValid: boolean, outcome: Outcome | undefined): void {
    this.#requests += 1;
    const tally = this.#routes.get(route) ?? { valid: zero(), broken: zero() };
    this.#routes.set(route, tally);
    if (outcome) tally[isValid ? 'valid' : 'broken'][outcome] += 1;
  }

  fail(route: string, fault: string, request: FuzzRequest, answer: RawAnswer): void {
    const key = `${route} ${fault}`;
    const known = this.#failures.get(key);
    const count = (known?.count ?? 0) + 1;
    const isSmallest = !known || sizeOf(request) < sizeOf(known.request);
    this.#failures.set(key, isSmallest ? { route, fault, request, answer, count } : { ...known, count });
  }

  report(elapsedMs: number): FuzzReport {
    return {
      routes: Object.fromEntries(this.#routes),
      requests: this.#requests,
      elapsedMs,
      failures: [...this.#failures.values()].map(describeFailure),
    };
  }
}

const sum = ({ accepted, declined, refused }: Outcomes): number => accepted + declined + refused;

/**
 * Checks the fuzzer itself, because a generator of nothing but garbage would find no failures either. At least
 * `leastShare` of the valid requests of each route must pass its schemas, and a route with a body must have both
 * accepted and refused some.
 */
export const complaintsAboutFuzzer = (
  { routes }: FuzzReport,
  leastShare: number,
  hasBody: (route: string) => boolean,
): readonly string[] =>
  Object.entries(routes).flatMap(([route, { valid, broken }]) => {
    const share = (valid.accepted + valid.declined) / Math.max(1, sum(valid));
    const percent = Math.round(share * 100);
    const complaints: string[] = [];
    if (share < leastShare) {
      complaints.push(
        `${route}: of ${sum(valid)} valid requests only ${percent}% were accepted as valid; add samples`,
      );
    }
    if (hasBody(route) && valid.accepted === 0)
      complaints.push(`${route}: no request was accepted; add samples`);
    if (hasBody(route) && broken.refused === 0) complaints.push(`${route}: no request was refused`);
    return complaints;
  });
