import { conditional } from './conditional.ts';
import { optimistic } from './optimistic.ts';
import { createRedisGate, type GateStore } from './redis-gate.ts';
import { rowLock } from './row-lock.ts';
import type { Strategy } from './strategy.ts';

/** The values of INVENTORY_STRATEGY. */
export const STRATEGIES = ['conditional', 'row_lock', 'optimistic', 'redis'] as const;

export type StrategyName = (typeof STRATEGIES)[number];

/** The strategy of that name. Without a store, the gate of `redis` stands open. */
export const strategyOf = (
  name: StrategyName,
  { gate, prefix = '' }: { readonly gate?: GateStore | undefined; readonly prefix?: string } = {},
): Strategy => {
  if (name === 'row_lock') return rowLock;
  if (name === 'optimistic') return optimistic;
  return name === 'redis' && gate !== undefined ? createRedisGate(gate, { prefix }) : conditional;
};
