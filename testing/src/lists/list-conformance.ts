import { describe, it } from 'vitest';
import { type DatabaseEngine, eachDatabase } from '../databases/databases.ts';
import { fillList, type ListUnderTest, type OpenList } from './filled-list.ts';
import { listChecks } from './list-checks.ts';

export interface ListConformance extends ListUnderTest {
  readonly open: (engine: DatabaseEngine) => Promise<OpenList>;
}

const LONGEST_MS = 60_000;

/** Declares a test for each promise that every list makes, on both engines. */
export const listConformance = (list: ListConformance): void => {
  describe(`the list ${list.path}`, { timeout: LONGEST_MS }, () => {
    eachDatabase((engine) => {
      it.each(Object.entries(listChecks))('%s', async (_promise, check) => {
        await check(await fillList(list, await list.open(engine)));
      });
    });
  });
};
