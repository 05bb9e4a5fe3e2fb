/**
 * Problem: when a hot sku is sold out, thousands still ask the database for it.
 * Guarantees: one atomic script counts the goods down in Redis, and those who come too late are turned away after one
 * plain read, without a lock and without a write. The database still decides: what the gate lets in goes through the
 * conditional UPDATE, and a refusal must be confirmed by the stock row. A wrong, lost or stopped Redis therefore never
 * sells too much and never refuses what is there.
 * Does NOT guarantee: an exact counter. It is set from the database, lives for five seconds, and is set anew whenever the
 * two disagree.
 */
import { readAvailable } from '../stock/stock-rows.ts';
import { conditional } from './conditional.ts';
import type { Shortage, Strategy } from './strategy.ts';

/** The part of a Redis connection that the gate uses. Rejects in bounded time. */
export interface GateStore {
  /** Runs a Lua script on keys with arguments. */
  readonly evaluate: (script: string, keys: string[], args: string[]) => Promise<unknown>;
}

const COUNTER_TTL_MS = 5000;
/** After Redis failed, the gate stands open for this long instead of making everyone wait for it. */
const OPEN_AFTER_FAILURE_MS = 1000;

/** Takes all quantities, or none: returns 1 if all were there, 0 if one was too low, -1 if a counter is missing. */
const TAKE = `
for i, key in ipairs(KEYS) do
  local left = redis.call('GET', key)
  if not left then return -1 end
  if tonumber(left) < tonumber(ARGV[i]) then return 0 end
end
for i, key in ipairs(KEYS) do redis.call('DECRBY', key, ARGV[i]) end
return 1`;

/** Sets counters from the database. The last argument is their lifetime in milliseconds. */
const SET = `
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i], 'PX', ARGV[#KEYS + 1]) end
return 1`;

export const createRedisGate = (
  store: GateStore,
  {
    prefix,
    nowMs = performance.now.bind(performance),
  }: { readonly prefix: string; readonly nowMs?: () => number },
): Strategy => {
  let openUntilMs = 0;

  /** Resolves with undefined if Redis gives no answer. */
  const ask = async (script: string, skus: readonly string[], args: readonly number[]): Promise<unknown> => {
    if (nowMs() < openUntilMs) return undefined;
    try {
      return await store.evaluate(
        script,
        skus.map((sku) => `${prefix}stock:${sku}`),
        args.map(String),
      );
    } catch {
      openUntilMs = nowMs() + OPEN_AFTER_FAILURE_MS;
      return undefined;
    }
  };

  return {
    admit: async (db, lines) => {
      const skus = lines.map(({ sku }) => sku);
      const answer = await ask(
        TAKE,
        skus,
        lines.map(({ quantity }) => quantity),
      );
      if (answer === 1 || answer === undefined) return [];
      const available = await readAvailable(db, skus);
      const known = lines.flatMap((line) => {
        const left = available.get(line.sku);
        return left === undefined ? [] : [{ ...line, left }];
      });
      await ask(
        SET,
        known.map(({ sku }) => sku),
        [...known.map(({ left, quantity }) => Math.max(left - quantity, 0)), COUNTER_TTL_MS],
      );
      return known.flatMap(({ sku, quantity, left }): Shortage[] =>
        left < quantity ? [{ sku, wanted: quantity, available: left }] : [],
      );
    },
    take: conditional.take,
  };
};
