import { createSeededRandom, wholeBelow } from './seeded-random.ts';

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => wholeBelow(random, 16).toString(16)).join('');

/**
 * Ids like those of `crypto.randomUUIDv7` (RFC 9562, section 5.7), the same for the same seed. Their time is that of
 * `now`. Without it, each id is one millisecond later than the previous one, so that ids sort in the order of creation.
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
