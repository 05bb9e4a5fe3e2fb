import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readFeature, type Scenario, type Step } from './gherkin.ts';
import { olderSteps } from './openfeature-older-steps.ts';
import { emptyWorld, type StepDefinition, steps, type World } from './openfeature-steps.ts';

const featureOf = (name: string): readonly Scenario[] =>
  readFeature(readFileSync(new URL(`fixtures/openfeature_${name}.feature`, import.meta.url), 'utf8'));

/** Our provider has no cache, and reasons like this one are a provider's choice (specification, types, "Resolution reason"). */
const isNotOurs = ({ tags }: Scenario): boolean => tags.includes('@reason-codes-cached');

const take = async (definitions: readonly StepDefinition[], world: World, { text, table }: Step) => {
  const matching = definitions.flatMap(([pattern, act]) => {
    const captures = pattern.exec(text)?.slice(1);
    return captures ? [{ act, captures }] : [];
  });
  const [only] = matching;
  if (!only || matching.length > 1) throw new Error(`${matching.length} definitions match: ${text}`);
  await only.act(world, only.captures, table);
};

const titleOf = ({ name, tags }: Scenario): string =>
  [name, ...tags.filter((tag) => tag.startsWith('@spec'))].join(' ');

const run = (name: string, definitions: readonly StepDefinition[]): void => {
  describe(`the scenarios of OpenFeature's ${name}.feature`, () => {
    for (const scenario of featureOf(name)) {
      it.skipIf(isNotOurs(scenario))(titleOf(scenario), async () => {
        const world = await emptyWorld();
        for (const step of scenario.steps) await take(definitions, world, step);
      });
    }
  });
};

run('evaluation_v2', steps);
run('evaluation', [...steps.filter(([pattern]) => pattern.test('a stable provider')), ...olderSteps]);

test('all scenarios of the files are run, with all rows of their outlines', () => {
  const scenarios = featureOf('evaluation_v2');
  expect(scenarios.length).toBe(82);
  expect(new Set(scenarios.map(titleOf)).size).toBeGreaterThan(60);
  expect(featureOf('evaluation').length).toBe(13);
});

test('a wrong answer fails its scenario', async () => {
  const [scenario] = featureOf('evaluation_v2');
  const world = await emptyWorld();
  const [last, ...before] = scenario?.steps.toReversed() ?? [];
  for (const step of before.toReversed()) await take(steps, world, step);
  const wrong = { text: last?.text.replace('true', 'false') ?? '', table: [] };
  await expect(take(steps, world, wrong)).rejects.toThrow('expected true to deeply equal false');
});
