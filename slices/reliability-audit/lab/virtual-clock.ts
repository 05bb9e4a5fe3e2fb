import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../src/index.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock on which an hour passes in a moment. It begins at 0. */
export const createVirtualClock = () => {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const schedule = (ms: number, callback: () => void) => {
    const timer = { atMs: nowMs + ms, callback };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const clock: Clock = { nowMs: () => nowMs, schedule };
  return {
    clock,
    wait: (ms: number) => new Promise<void>((resolve) => void schedule(ms, resolve)),
    /** Lets time pass until then, timer by timer. */
    runUntil: async (untilMs: number): Promise<void> => {
      await setImmediate();
      for (;;) {
        const nextMs = Math.min(...[...timers].map(({ atMs }) => atMs));
        if (nextMs > untilMs) break;
        nowMs = nextMs;
        for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) {
          timers.delete(timer);
          timer.callback();
        }
        await setImmediate();
      }
      nowMs = untilMs;
    },
  };
};
