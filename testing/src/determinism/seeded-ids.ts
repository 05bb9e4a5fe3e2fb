import { createSeededRandom, wholeBelow } from './seeded-random.ts';

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => wholeBelow(random, 16).toString(16)).join('');

/**
 * Ids of the form that `crypto.randomUUIDv7` makes (RFC 9562, section 5.7), the same for the same seed. The time in
 * them is that of `now`; without one each id is a millisecond after the one before, so that they sort as made.
 */
export const createSeededIds = (seed: number, now?: () => Date): (() => string) => {
  const random = createSeededRandom(seed);
  let countedMs = Date.UTC(2026, 0, 1);
  return () => {
    countedMs += 1;
    const time = (now?.().getTime() ?? countedMs).toString(16).padStart(12, '0');
    const variant = (8 + wholeBelow(random, 4)).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(random, 3)}-${variant}${hex(random, 3)}-${hex(random, 12)}`;
  };
};
