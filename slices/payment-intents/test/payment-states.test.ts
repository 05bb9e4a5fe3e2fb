import fc from 'fast-check';
import { expect, it } from 'vitest';
import { effectOf, isFinal, type News, progressOf, type Standing } from '../src/payments/payment-states.ts';

const RUNS = process.env.FULL_PROOF === '1' ? 50_000 : 5000;

/** How an attempt can go: declined at once, or waiting for the shopper, who may fail to authenticate. */
const attempt = fc.constantFrom('declined', 'requires_action', 'action_failed');

/** The provider's truth: attempts, and then perhaps one final word. */
const truth = fc.record({
  attempts: fc.array(attempt, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom<'succeeded' | 'canceled' | 'none'>('succeeded', 'canceled', 'none'),
});

interface Truth {
  readonly attempts: readonly string[];
  readonly end: 'succeeded' | 'canceled' | 'none';
}

const newsOf = ({ attempts, end }: Truth): News[] => [
  ...attempts.flatMap((how, index): News[] => {
    const ofAttempt = { attempt: index + 1 };
    return [
      ...(how === 'declined' ? [] : [{ kind: 'requires_action' as const, ...ofAttempt }]),
      ...(how === 'requires_action' ? [] : [{ kind: 'declined' as const, ...ofAttempt }]),
    ];
  }),
  ...(end === 'none' ? [] : [{ kind: end }]),
];

const endOf = ({ attempts, end }: Truth): Standing['status'] => {
  if (end !== 'none') return end;
  return attempts.at(-1) === 'requires_action' ? 'requires_action' : 'requires_payment_method';
};

/** Copies of the news in any order. */
const anyOrder = (news: readonly News[]) =>
  fc.shuffledSubarray([...news, ...news, ...news], {
    minLength: 3 * news.length,
    maxLength: 3 * news.length,
  });

type Apply = typeof effectOf;

const applyAll = (from: Standing, news: readonly News[], apply: Apply): Standing[] => {
  const standings = [from];
  let standing = from;
  for (const one of news) {
    const effect = apply(standing, one);
    if (typeof effect !== 'string') standing = { ...standing, status: effect.to };
    standings.push(standing);
  }
  return standings;
};

const storm = truth.chain((facts) => {
  const news = newsOf(facts);
  return fc.record({ facts: fc.constant(facts), first: anyOrder(news), second: anyOrder(news) });
});

/** News arrive during the last attempt, in two orders. */
const checkAll = (apply: Apply): void =>
  fc.assert(
    fc.property(storm, ({ facts, first, second }) => {
      const from: Standing = { status: 'processing', attempt: facts.attempts.length };
      const standings = applyAll(from, first, apply);
      const progress = standings.map(progressOf);
      expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
      const last = standings.at(-1);
      expect(last).toEqual(applyAll(from, second, apply).at(-1));
      expect(last?.status).toBe(endOf(facts));
      const ended = standings.find(({ status }) => isFinal(status));
      if (ended) expect(last).toEqual(ended);
    }),
    { numRuns: RUNS, seed: 4217 },
  );

it('only moves on, and ends in the same status whatever order the news come in', () => checkAll(effectOf));

it.each<[string, Apply]>([
  [
    'a late failure downgrades a success',
    (standing, news) =>
      news.kind === 'declined' ? { to: 'requires_payment_method' } : effectOf(standing, news),
  ],
  [
    'news of an earlier attempt count for the present one',
    (standing, news) => effectOf(standing, 'attempt' in news ? { ...news, attempt: standing.attempt } : news),
  ],
])('(detector) sees that %s', (_bug, apply) => {
  expect(() => checkAll(apply)).toThrow('Property failed');
});
