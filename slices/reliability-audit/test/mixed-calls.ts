/** Services that misbehave in all the ways that a call can, in an order that a seed decides. */
import { createSeededRandom } from '@lab/testing';
import type { Attempt, Call } from '../src/index.ts';

type Sleep = (ms: number) => Promise<unknown>;

const never = new Promise<never>(() => undefined);

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** Each takes `ms` milliseconds where it takes any. */
const behaviours: readonly ((ms: number, sleep: Sleep, attempt: Attempt) => Promise<unknown>)[] = [
  async (ms, sleep) => sleep(ms),
  async (ms, sleep) => {
    await sleep(ms);
    throw new Error('failed');
  },
  // Stops when it is told to.
  async (_ms, _sleep, { signal }) => aborted(signal),
  // Does not listen.
  () => never,
  // Does not listen, and fails when no one is interested any more.
  async (ms, sleep) => {
    await sleep(ms * 10);
    throw new Error('failed late');
  },
  () => {
    throw new Error('failed at once');
  },
  // Only the third attempt succeeds.
  async (ms, sleep, { number }) => {
    await sleep(ms / 4);
    if (number < 3) throw new Error('failed twice');
  },
];

/** `count` calls, each with a behaviour and a duration of up to `mostMs`. */
export const mixedCalls = (count: number, mostMs: number, sleep: Sleep): readonly Call<unknown>[] => {
  const random = createSeededRandom(20_261_120);
  return Array.from({ length: count }, () => {
    const behave = behaviours[Math.floor(random() * behaviours.length)] ?? (() => never);
    const ms = Math.floor(random() * mostMs);
    return (attempt: Attempt) => behave(ms, sleep, attempt);
  });
};
