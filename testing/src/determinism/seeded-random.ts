/**
 * Uniform numbers in [0, 1), the same for the same seed on every machine: mulberry32 (T. Ettinger, 2017), with 32 bits
 * of state and output and a period of 2^32. For tests only, because one output reveals the next.
 */
export const createSeededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from 0 up to, but not including, `below`. */
export const wholeBelow = (random: () => number, below: number): number => Math.floor(random() * below);

/** A random item of a list, which must not be empty. */
export const choose = <Item>(random: () => number, items: readonly Item[]): Item => {
  const item = items[wholeBelow(random, items.length)];
  if (item === undefined) throw new RangeError('the list is empty');
  return item;
};
