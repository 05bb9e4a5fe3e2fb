import { setImmediate } from 'node:timers/promises';
import { createFakeClock } from '@lab/testing';
import type { Clock } from '../src/index.ts';

/** A clock for calls that stands still until it is advanced. */
export const createCallClock = () => {
  const { now, sleep, advance } = createFakeClock('2026-11-20T12:00:00.000Z');
  const clock: Clock = {
    nowMs: () => now().getTime(),
    schedule: (ms, callback) => {
      let isCancelled = false;
      void sleep(ms).then(() => isCancelled || callback());
      return () => {
        isCancelled = true;
      };
    },
  };
  const settleAndAdvance = async (ms: number): Promise<void> => {
    // What was begun without waiting comes before the time that passes.
    await setImmediate();
    await advance(ms);
  };
  return { clock, sleep, advance: settleAndAdvance };
};
