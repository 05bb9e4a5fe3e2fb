import { onRedis, raceProcesses } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';

// Large enough that a busy machine does not leave the bucket full for long.
const CAPACITY = 1000;
const PER_SECOND = 50;
const results = z.array(z.object({ asked: z.number(), admitted: z.array(z.number()) }));

/** The most requests by which any window admitted more than its share, in thousandths; at most `CAPACITY` thousand is right. */
const largestExcess = (admittedMs: readonly number[]): number => {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  admittedMs.forEach((ms, index) => {
    // 50 tokens a second are 50 thousandths in a millisecond.
    const level = index * 1000 - (ms - (admittedMs[0] ?? 0)) * PER_SECOND;
    least = Math.min(least, level);
    most = Math.max(most, level + 1000 - least);
  });
  return most;
};

await onRedis(({ url, newPrefix }) => {
  it('admits at most capacity + rate x T in any window, to 100 clients in two processes over 30 s', async () => {
    const args = [url, newPrefix(), String(Date.now()), String(CAPACITY), String(PER_SECOND)];
    const script = new URL('redis-racer.ts', import.meta.url);
    const [one, two] = results.parse(await raceProcesses(script, [args, args]));
    const admitted = [...(one?.admitted ?? []), ...(two?.admitted ?? [])].toSorted((a, b) => a - b);
    const spanMs = (admitted.at(-1) ?? 0) - (admitted[0] ?? 0);
    expect(largestExcess(admitted)).toBeLessThanOrEqual(CAPACITY * 1000);
    // And not far fewer: a full bucket gains nothing while a busy machine keeps the clients waiting.
    expect(admitted.length).toBeGreaterThan(0.9 * (CAPACITY + (spanMs * PER_SECOND) / 1000));
    expect(Math.min(one?.admitted.length ?? 0, two?.admitted.length ?? 0)).toBeGreaterThan(0);
  }, 60_000);

  it('(detector) sees a window that admitted one request too many', () => {
    const burst = Array.from({ length: CAPACITY }, () => 0);
    expect(largestExcess([...burst, 20])).toBe(CAPACITY * 1000);
    expect(largestExcess([...burst, 19])).toBeGreaterThan(CAPACITY * 1000);
  });
});
