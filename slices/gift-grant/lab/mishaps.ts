/** Things that go wrong between a client and its gift. Each resolves with how often a way handled it wrongly. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Gifts, openGifts } from './gifts.ts';
import type { Way } from './ways.ts';

type Mishaps = (gifts: Gifts, way: Way) => Promise<number>;

const KILLED = fileURLToPath(new URL('killed.ts', import.meta.url));

const wishes = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    userId: '1',
    key: `${name}-${index}`,
    sku: `${name}-${index}`,
  }));

/** Counts the items that went wrong, one after another. */
const countWhere = async <Item>(items: readonly Item[], isWrong: (item: Item) => Promise<boolean>) => {
  let wrong = 0;
  for (const item of items) if (await isWrong(item)) wrong += 1;
  return wrong;
};

/** Sends 100 requests, each five times at once. Counts the extra gifts. */
export const impatience: Mishaps = async ({ count, ...ways }, way) => {
  const wanted = wishes(`impatience-${way}`, 100);
  await Promise.all(wanted.flatMap((wish) => Array.from({ length: 5 }, () => ways[way](wish))));
  const granted = await Promise.all(wanted.map(({ sku }) => count(sku)));
  return granted.reduce((sum, gifts) => sum + gifts - 1, 0);
};

/** Repeats answered requests. Counts the answers that differ from the first one. */
export const repeats: Mishaps = (gifts, way) =>
  countWhere(wishes(`repeat-${way}`, 20), async (wish) => {
    const first = await gifts[way](wish);
    return (await gifts[way](wish)) !== first;
  });

/** The first attempt fails. Counts the repeats that are answered without granting the gift. */
export const failures: Mishaps = (gifts, way) =>
  countWhere(wishes(`failure-${way}`, 20), async (wish) => {
    const failing = gifts[way](wish, () => Promise.reject(new Error('could not read the stock')));
    await failing.catch(() => undefined);
    await gifts[way](wish);
    return (await gifts.count(wish.sku)) !== 1;
  });

/** The process is killed halfway. Counts the repeats after which there is not exactly one gift. */
export const kills: Mishaps = async (_gifts, way) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-gifts-'));
  const url = `sqlite:${join(folder, 'gifts.db')}`;
  const gifts = await openGifts(url);
  try {
    return await countWhere(wishes(`kill-${way}`, 5), async (wish) => {
      const child = fork(KILLED, [url, way, wish.key], { execArgv: [] });
      const [, signal] = await once(child, 'exit');
      if (signal !== 'SIGKILL') throw new Error('the process was not killed');
      await gifts[way](wish);
      return (await gifts.count(wish.sku)) !== 1;
    });
  } finally {
    await gifts.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A different request uses the same key. Counts those answered as done although they were not. */
export const otherRequests: Mishaps = (gifts, way) =>
  countWhere(wishes(`other-${way}`, 20), async (wish) => {
    const other = { ...wish, sku: `${wish.sku}-instead` };
    await gifts[way](wish);
    return !(await gifts[way](other)).startsWith('409') && (await gifts.count(other.sku)) === 0;
  });

/** Another user happens to choose the same key. Counts the gifts that this user does not get. */
export const otherUsers: Mishaps = (gifts, way) =>
  countWhere(wishes(`user-${way}`, 20), async (wish) => {
    const theirs = { ...wish, userId: '2', sku: `${wish.sku}-of-2` };
    await gifts[way](wish);
    await gifts[way](theirs);
    return (await gifts.count(theirs.sku)) !== 1;
  });
