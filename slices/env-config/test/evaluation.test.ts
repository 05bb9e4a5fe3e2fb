import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Flag, rolloutPlace } from '../src/flags/evaluation.ts';
import { flagSetOf, parseFlagFile } from '../src/flags/flag-set.ts';

const USERS = 100_000;
const users = Array.from({ length: USERS }, (_, index) => String(index + 1));

const flagOf = (definition: object, override: object = {}): Flag => {
  const definitions = parseFlagFile(
    JSON.stringify({
      flags: {
        layout: { variants: { on: true, off: false }, variant: 'on', off_variant: 'off', ...definition },
      },
    }),
  );
  const noOverride = { key: 'layout', enabled: null, rolloutPercent: null, variant: null };
  const flag = flagSetOf(definitions, [{ ...noOverride, ...override }]).get('layout');
  if (!flag) throw new Error('the flag is missing');
  return flag;
};

const variantFor = (flag: Flag, targetingKey: string): string => {
  const outcome = evaluate(flag, { targetingKey });
  return 'variant' in outcome ? outcome.variant : outcome.reason;
};

const holders = (percent: number): ReadonlySet<string> => {
  const flag = flagOf({ rollout_percent: percent });
  return new Set(users.filter((user) => variantFor(flag, user) === 'on'));
};

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((user) => whole.has(user));

describe(`a rollout over ${USERS.toLocaleString('en-US')} users`, () => {
  const percentages = [0.5, 1, 5, 10, 25, 50, 75, 90, 99];
  const stages = percentages.map((percent) => ({ percent, held: holders(percent) }));

  it('has the stated share of them, within half a percent', () => {
    for (const { percent, held } of stages)
      expect(Math.abs((held.size / USERS) * 100 - percent), `${percent}%`).toBeLessThan(0.5);
  });

  it('only adds users as it grows', () => {
    for (const [index, { held }] of stages.entries()) {
      const next = stages[index + 1]?.held;
      if (next) expect(isWithin(held, next)).toBe(true);
    }
  });

  it('gives a user the same answer each time', () => {
    const [, , , { held } = { held: new Set() }] = stages;
    const flag = flagOf({ rollout_percent: 10 });
    expect(users.filter((user) => (variantFor(flag, user) === 'on') !== held.has(user))).toEqual([]);
  });

  it('takes other users than another rollout, unless both have the same salt', () => {
    const first = flagOf({ rollout_percent: 10, salt: 'a' });
    const both = (salt: string) => {
      const second = flagOf({ rollout_percent: 10, salt });
      return users.filter((user) => variantFor(first, user) === 'on' && variantFor(second, user) === 'on')
        .length;
    };
    expect(Math.abs((both('b') / USERS) * 100 - 1)).toBeLessThan(0.2);
    expect(both('a')).toBe(users.filter((user) => variantFor(first, user) === 'on').length);
  });

  it('finds a rollout that draws anew for each stage', () => {
    const drawn = (percent: number) =>
      new Set(users.filter((user) => rolloutPlace(`layout:${percent}`, user) < percent));
    expect(isWithin(drawn(10), drawn(20))).toBe(false);
  });
});

it('is monotone for any user, flag and two percentages', () => {
  const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), percent, percent, (salt, user, one, other) => {
      const [small, large] = [Math.min(one, other), Math.max(one, other)];
      const has = (share: number) => variantFor(flagOf({ salt, rollout_percent: share }), user) === 'on';
      return !has(small) || has(large);
    }),
  );
});

describe('an override', () => {
  const targeting = [{ when: { user: ['7'] }, variant: 'off' }];
  const percent = { rollout_percent: 0 };

  it.each([
    ['nothing', {}, { reason: 'TARGETING_MATCH', variant: 'off' }],
    ['a switch', { enabled: false }, { reason: 'DISABLED' }],
    ['a percentage', { rolloutPercent: 100 }, { reason: 'TARGETING_MATCH', variant: 'off' }],
    ['a variant', { variant: 'on' }, { reason: 'STATIC', variant: 'on' }],
    ['a variant for some', { variant: 'on', rolloutPercent: 0 }, { reason: 'STATIC', variant: 'off' }],
    ['a variant that is gone', { variant: 'blue' }, { reason: 'TARGETING_MATCH', variant: 'off' }],
  ])('of %s', (_, override, expected) => {
    expect(evaluate(flagOf({ targeting, ...percent }, override), { targetingKey: '7' })).toEqual(expected);
  });
});

describe('a rule', () => {
  const targeted = (when: object) => flagOf({ targeting: [{ when, variant: 'on' }], rollout_percent: 0 });

  it.each([
    [{ user: ['1', '2'] }, { targetingKey: '2' }, 'TARGETING_MATCH'],
    [{ user: ['1', '2'] }, { targetingKey: '3' }, 'DEFAULT'],
    [{ user: ['1'], environment: ['test'] }, { targetingKey: '1', environment: 'production' }, 'DEFAULT'],
    [{ age: { above: 17 } }, { age: 18 }, 'TARGETING_MATCH'],
    [{ age: { above: 17 } }, { age: 17 }, 'DEFAULT'],
    [{ age: { above: 17 } }, { age: '18' }, 'DEFAULT'],
    [{ email: ['a@shop.example'] }, { email: null }, 'DEFAULT'],
  ])('%o for %o: %s', (when, context, reason) => {
    expect(evaluate(targeted(when), context).reason).toBe(reason);
  });
});

describe('a file of flags is refused', () => {
  const onOff = { variants: { on: true, off: false }, variant: 'on', off_variant: 'off' };
  it.each([
    ['is not JSON', '{ "flags": '],
    ['#/flags is required', '{}'],
    ['#/flags/a/variants must include "no"', { ...onOff, variant: 'no' }],
    ['#/flags/a/variants must be of one type', { ...onOff, variants: { on: true, off: 'off' } }],
    ['#/flags/a/rollout_percent', { ...onOff, rollout_percent: 101 }],
    [
      '#/flags/a/targeting/0/when must have a condition',
      { ...onOff, targeting: [{ when: {}, variant: 'on' }] },
    ],
    ['unknown field', { ...onOff, rollout: 10 }],
  ])('because it %s', (reason, content) => {
    const text = typeof content === 'string' ? content : JSON.stringify({ flags: { a: content } });
    expect(() => parseFlagFile(text)).toThrow(reason);
  });
});
