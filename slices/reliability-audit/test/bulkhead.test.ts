import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BulkheadFullError, createBulkhead } from '../src/index.ts';
import { createCallClock } from './call-clock.ts';

const patient = { deadlineAtMs: Number.POSITIVE_INFINITY, signal: undefined };

/** Work that ends when told to, and counts how much of it is under way. */
const createWork = () => {
  const order: number[] = [];
  const ends = new Map<number, () => void>();
  let mostAtOnce = 0;
  return {
    order,
    mostAtOnce: () => mostAtOnce,
    begin: (id: number) => async (): Promise<number> => {
      order.push(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(id, resolve);
      mostAtOnce = Math.max(mostAtOnce, ends.size);
      await promise;
      return id;
    },
    /** Ends the work that began first. */
    endOne: async () => {
      const [first] = ends;
      if (first === undefined) return;
      const [id, end] = first;
      ends.delete(id);
      end();
      await setImmediate();
    },
    underWay: () => ends.size,
  };
};

test('takes turns in order, never more at once than allowed, whoever leaves the queue', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('call' as const) },
    { weight: 2, arbitrary: fc.constant('end' as const) },
    { weight: 1, arbitrary: fc.nat({ max: 50 }).map((leaver) => ({ leaver })) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock } = createCallClock();
      const bulkhead = createBulkhead({ clock }, { maxCalls: 3, maxQueue: 5 });
      const work = createWork();
      const callers: AbortController[] = [];
      const results: Promise<unknown>[] = [];
      for (const each of steps) {
        if (each === 'end') await work.endOne();
        else if (each === 'call') {
          const caller = new AbortController();
          const id = callers.push(caller) - 1;
          const wait = { deadlineAtMs: 1e15, signal: caller.signal };
          results.push(bulkhead.run(work.begin(id), wait).catch(() => undefined));
        } else callers[each.leaver]?.abort();
        await setImmediate();
        expect(bulkhead.underWay()).toBe(work.underWay());
        expect(bulkhead.waiting()).toBeLessThanOrEqual(5);
        // No one waits while there is room.
        if (bulkhead.waiting() > 0) expect(work.underWay()).toBe(3);
      }
      while (work.underWay() > 0) await work.endOne();
      await Promise.all(results);
      expect(work.mostAtOnce()).toBeLessThanOrEqual(3);
      expect(work.order).toEqual(work.order.toSorted((a, b) => a - b));
      expect([bulkhead.underWay(), bulkhead.waiting()]).toEqual([0, 0]);
    }),
    { numRuns: 100, seed: 20_261_120 },
  );
});

test('refuses at once what does not fit, and at the deadline what got no turn', async () => {
  const { clock, advance } = createCallClock();
  let rejections = 0;
  const bulkhead = createBulkhead({ clock, onReject: () => (rejections += 1) }, { maxCalls: 1, maxQueue: 1 });
  const work = createWork();
  const running = bulkhead.run(work.begin(1), patient);
  const waiting = bulkhead.run(work.begin(2), { ...patient, deadlineAtMs: clock.nowMs() + 100 });
  await expect(bulkhead.run(work.begin(3), patient)).rejects.toThrow(BulkheadFullError);
  const refused = expect(waiting).rejects.toThrow(BulkheadFullError);
  await advance(100);
  await refused;
  await work.endOne();
  expect(await running).toBe(1);
  expect(work.order).toEqual([1]);
  expect(rejections).toBe(2);
  expect([bulkhead.underWay(), bulkhead.waiting()]).toEqual([0, 0]);
});
