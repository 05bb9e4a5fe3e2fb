import { choose, wholeBelow } from '../determinism/seeded-random.ts';
import { byteMutations } from './byte-mutations.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { headMutations } from './head-mutations.ts';
import { jsonMutations } from './json-mutations.ts';
import type { Mutation } from './mutation.ts';
import { urlMutations } from './url-mutations.ts';
import { plainRequest, type ValidRequest } from './valid-requests.ts';

const mutations: readonly Mutation[] = [
  ...jsonMutations,
  ...byteMutations,
  ...urlMutations,
  ...headMutations,
];

/** The mutations that apply, each repeated by its weight. */
const mutationsFor = (valid: ValidRequest): readonly Mutation[] =>
  mutations
    .filter(({ applies }) => applies?.(valid) ?? true)
    .flatMap((mutation) => Array.from({ length: mutation.weight ?? 1 }, () => mutation));

/** Sixteen digits starting with 4: they look like a card number, and JSON holds them exactly. */
const newMarker = (random: () => number): string =>
  `4${Array.from({ length: 15 }, () => wholeBelow(random, 10)).join('')}`;

/** Changes a valid request in one way. Some changes leave it valid, such as repeating an item that may repeat. */
export const breakRequest = (valid: ValidRequest, random: () => number): FuzzRequest => {
  const marker = newMarker(random);
  const mutation = choose(random, mutationsFor(valid));
  const plain = plainRequest(valid);
  return { ...plain, ...mutation.apply(plain, valid, { random, marker }), kind: mutation.kind, marker };
};
