/**
 * Problem: a feature that comes on for some users must not flicker between their requests, nor be taken away from those
 * who have it when more users get it.
 * Guarantees: the same flag, context and user give the same variant, in every process and after every restart. Users are
 * spread evenly, differently for each flag, and a larger percentage only adds users. Evaluation never throws.
 * Does NOT guarantee: that exactly p percent of a few users are in a rollout of p percent, as with any hash.
 */
import { hash } from 'node:crypto';
import type { FlagValue, Rule } from './definitions.ts';

/** One flag as it is in force: its definition with its override applied. Frozen. */
export interface Flag {
  readonly key: string;
  readonly enabled: boolean;
  readonly variants: ReadonlyMap<string, FlagValue>;
  readonly variant: string;
  readonly offVariant: string;
  readonly rolloutPercent: number;
  readonly salt: string;
  readonly targeting: readonly Rule[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

/** What is known about the user: `targetingKey` names the user, other attributes may be used by rules. */
export type Context = Readonly<Record<string, unknown>>;

/** The outcome in OpenFeature's words (specification, section 2.2 and types). */
export type Evaluation =
  | { readonly reason: 'DISABLED' }
  | { readonly reason: 'ERROR'; readonly errorCode: 'TARGETING_KEY_MISSING' }
  | { readonly reason: 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT'; readonly variant: string };

const STEPS = 2 ** 48;

/**
 * The place of a user in the queue of a rollout, from 0 up to but not including 100: a rollout of p percent has those
 * whose place is below p. SHA-256 spreads ids that differ in one digit.
 */
export const rolloutPlace = (salt: string, user: string): number =>
  (hash('sha256', JSON.stringify([salt, user]), 'buffer').readUIntBE(0, 6) / STEPS) * 100;

const matches = ({ when }: Rule, context: Context): boolean =>
  Object.entries(when).every(([name, condition]) => {
    const actual = context[name === 'user' ? 'targetingKey' : name];
    if (Array.isArray(condition)) return condition.some((value) => value === actual);
    return typeof actual === 'number' && actual > condition.above;
  });

/** Decides which variant of a flag a user gets, and why. */
export const evaluate = (flag: Flag, context: Context): Evaluation => {
  if (!flag.enabled) return { reason: 'DISABLED' };
  const rule = flag.targeting.find((each) => matches(each, context));
  if (rule) return { reason: 'TARGETING_MATCH', variant: rule.variant };

  const { variant, offVariant, rolloutPercent, salt } = flag;
  if (rolloutPercent <= 0 || rolloutPercent >= 100) {
    const reason = flag.targeting.length > 0 ? 'DEFAULT' : 'STATIC';
    return { reason, variant: rolloutPercent >= 100 ? variant : offVariant };
  }
  const user = context.targetingKey;
  if (typeof user !== 'string' || user === '') return { reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' };
  return { reason: 'SPLIT', variant: rolloutPlace(salt, user) < rolloutPercent ? variant : offVariant };
};
