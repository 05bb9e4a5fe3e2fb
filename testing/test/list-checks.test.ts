import { fillList, listChecks } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { type PlantedList, plantedLists } from './fixtures/planted-lists.ts';
import { openThings, things } from './fixtures/things-list.ts';

const bugsOf: Readonly<Record<string, readonly PlantedList[]>> = plantedLists;

const cases = Object.entries(listChecks).flatMap(([promise, check]) =>
  (bugsOf[promise] ?? []).map(([bug, planted, complaint]) => ({ promise, check, bug, planted, complaint })),
);

describe('the checks of every list', () => {
  it.each(Object.entries(listChecks))('have nothing to say of a list that %s', async (_promise, check) => {
    await check(await fillList(things, await openThings()));
  });

  it.each(cases)('(detector) $bug: is no list that $promise', async ({ check, planted, complaint }) => {
    const list = await fillList(things, await openThings(planted));
    await expect(check(list)).rejects.toThrow(complaint);
  });
});
