import type { QuoteOutcome } from '../src/pricing.ts';
import type { QuoteRequest } from '../src/quote-contract.ts';
import { oracleQuote } from './exact-oracle.ts';

export type Pricing = (request: QuoteRequest) => QuoteOutcome;

type Comparison = {
  readonly quotes: number;
  readonly refusals: number;
  /** The first cart for which the two differ, and the path of the first field that differs. */
  readonly difference?: { readonly request: QuoteRequest; readonly field: string };
};

/** Prices every cart with `pricing` and with the exact oracle, up to the first difference. */
export const compareWithOracle = (pricing: Pricing, carts: Iterable<QuoteRequest>): Comparison => {
  let quotes = 0;
  let refusals = 0;
  for (const request of carts) {
    const outcome = pricing(request);
    const [ours, oracles] = [outcome.ok ? outcome.quote : outcome.code, oracleQuote(request)];
    // Comparing text is fast; the slow comparison by field runs only if the texts differ.
    const field =
      JSON.stringify(ours) === JSON.stringify(oracles) ? undefined : differingField(ours, oracles);
    if (field !== undefined) return { quotes, refusals, difference: { request, field } };
    if (outcome.ok) quotes++;
    else refusals++;
  }
  return { quotes, refusals };
};

/** Path of the first field in which two JSON values differ; `$` is the value itself. */
const differingField = (left: unknown, right: unknown, path = '$'): string | undefined => {
  if (left === right) return undefined;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return path;
  const [ours, theirs] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const field = differingField(ours.get(key), theirs.get(key), `${path}.${key}`);
    if (field !== undefined) return field;
  }
  return undefined;
};
