import { createFakeClock, createSeededIds, createSeededRandom } from '@lab/testing';
import { expect, test } from 'vitest';

test('the clock stands still until it is advanced', async () => {
  const clock = createFakeClock('2026-11-20T12:00:00.000Z');
  expect(clock.now().toISOString()).toBe('2026-11-20T12:00:00.000Z');
  await clock.advance(90_500);
  expect(clock.now().toISOString()).toBe('2026-11-20T12:01:30.500Z');
});

test('sleepers wake in the order of their hours, each at its own', async () => {
  const clock = createFakeClock('2026-11-20T12:00:00.000Z');
  const woken: string[] = [];
  const sleepThenNote = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push(`${name} ${clock.now().toISOString().slice(17, 23)}`);
  };
  void sleepThenNote('late', 3000);
  void sleepThenNote('early', 1000).then(() => sleepThenNote('again', 500));
  void sleepThenNote('never', 3001);
  await clock.advance(999);
  expect(woken).toEqual([]);
  await clock.advance(2001);
  expect(woken).toEqual(['early 01.000', 'again 01.500', 'late 03.000']);
});

test('a start that is no time is refused', () => {
  expect(() => createFakeClock('noon')).toThrow(RangeError);
});

test('the same seed gives the same numbers, another seed others', () => {
  const take = (seed: number) => {
    const random = createSeededRandom(seed);
    return Array.from({ length: 5 }, random);
  };
  expect(take(42)).toEqual([
    0.6011037519201636, 0.44829055899754167, 0.8524657934904099, 0.6697340414393693, 0.17481389874592423,
  ]);
  expect(take(43)).not.toEqual(take(42));
});

test('the numbers lie evenly in [0, 1)', () => {
  const random = createSeededRandom(7);
  const counts = new Array<number>(10).fill(0);
  for (let index = 0; index < 100_000; index += 1) {
    const number = random();
    expect(number >= 0 && number < 1).toBe(true);
    const tenth = Math.floor(number * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

test('seeded ids are UUIDv7, distinct, in order and the same for the same seed', () => {
  const take = (seed: number) => {
    const newId = createSeededIds(seed);
    return Array.from({ length: 1000 }, newId);
  };
  const ids = take(1);
  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
  ).toBe(true);
  expect(new Set(ids).size).toBe(1000);
  expect(ids.toSorted()).toEqual(ids);
  expect(take(1)).toEqual(ids);
  expect(take(2)).not.toEqual(ids);
});

test('seeded ids carry the time of a clock', async () => {
  const clock = createFakeClock('2026-11-20T12:00:00.000Z');
  const newId = createSeededIds(1, clock.now);
  const timeOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  expect(timeOf(newId())).toBe(clock.now().getTime());
  await clock.advance(5);
  expect(timeOf(newId())).toBe(clock.now().getTime());
});
