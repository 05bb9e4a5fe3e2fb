import { setTimeout as wait } from 'node:timers/promises';

/** With more keys than this, the whole cache is cleared instead. */
const MOST_UNCONFIRMED = 1000;

/** Stands for all keys among the keys. */
export const everything = Symbol('everything');

/** Invalidations that are sent until Redis has confirmed them. */
export const createUnconfirmed = (
  send: (what: string | typeof everything) => Promise<boolean>,
  repeatMs: number,
) => {
  const waiting = new Set<string | typeof everything>();
  let isRepeating = false;

  const repeat = async (): Promise<void> => {
    if (isRepeating) return;
    isRepeating = true;
    while (waiting.size > 0) {
      await wait(repeatMs, undefined, { ref: false });
      for (const what of waiting) {
        if (!(await send(what))) break;
        waiting.delete(what);
      }
    }
    isRepeating = false;
  };

  const add = (what: string | typeof everything): void => {
    waiting.add(what);
    if (waiting.size <= MOST_UNCONFIRMED) return;
    waiting.clear();
    waiting.add(everything);
  };

  return {
    has: (key: string): boolean => waiting.size > 0 && (waiting.has(key) || waiting.has(everything)),
    send: async (what: string | typeof everything): Promise<void> => {
      add(what);
      if (await send(what)) {
        waiting.delete(what);
        return;
      }
      add(what);
      void repeat();
    },
  };
};
