import { z } from 'zod';

const most = 1000;

const flagKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, _ and -, at most 64 of them');

export const variantName = z.string().regex(/^[\w-]{1,40}$/, 'must be 1 to 40 letters, digits, _ or -');

/** With two decimals at most: the share of users, not of requests. */
export const percentage = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => Number(value.toFixed(2)) === value, 'must have two decimals at most');

const flagValue = z.union([z.boolean(), z.string(), z.number(), z.record(z.string(), z.json())]);

export type FlagValue = z.output<typeof flagValue>;

/** The attribute is one of these values, or a number above this one. */
const condition = z.union([
  z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  z.strictObject({ above: z.number() }),
]);

const rule = z.strictObject({
  /** All of these conditions, by the name of the attribute: `user`, `environment`, or one that the caller gives. */
  when: z.record(z.string(), condition).refine((conditions) => Object.keys(conditions).length > 0, {
    error: 'must have a condition',
  }),
  variant: variantName,
});

export type Rule = z.output<typeof rule>;

const flagDefinition = z
  .strictObject({
    description: z.string().optional(),
    enabled: z.boolean().default(true),
    variants: z.record(variantName, flagValue),
    /** What users get whom the rollout has reached. */
    variant: variantName,
    /** What everyone else gets. */
    off_variant: variantName,
    rollout_percent: percentage.default(100),
    /** Decides with the user who comes first in a rollout (default: the key). Flags with one salt take the same users. */
    salt: z.string().optional(),
    /** The first rule that matches decides, before the rollout. */
    targeting: z.array(rule).max(most).default([]),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .check(({ value, issues }) => {
    const values = Object.values(value.variants);
    if (new Set(values.map((each) => typeof each)).size > 1)
      issues.push({ code: 'custom', input: undefined, path: ['variants'], message: 'must be of one type' });
    const named = [value.variant, value.off_variant, ...value.targeting.map(({ variant }) => variant)];
    for (const name of new Set(named)) {
      if (!Object.hasOwn(value.variants, name))
        issues.push({
          code: 'custom',
          input: undefined,
          path: ['variants'],
          message: `must include "${name}"`,
        });
    }
  });

export type FlagDefinition = z.output<typeof flagDefinition>;

/** The file of flags: `{ "flags": { "free_gift": { ... } } }`. */
export const flagFile = z.strictObject({
  flags: z.record(flagKey, flagDefinition).refine((flags) => Object.keys(flags).length <= most, {
    error: `must have at most ${most} flags`,
  }),
});
