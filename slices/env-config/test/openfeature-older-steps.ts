import type { JsonValue } from '@openfeature/server-sdk';
import { expect } from 'vitest';
import { evaluateTyped, type StepDefinition, type World } from './openfeature-steps.ts';

/** A default as the older feature file writes it: numbers without quotes, booleans within. */
const literal = (text: string): JsonValue => {
  const inner = text.replaceAll('"', '');
  if (inner === 'true' || inner === 'false') return inner === 'true';
  return text.startsWith('"') ? inner : Number(text);
};

const evaluateWith = async (world: World, key: string, fallback: JsonValue): Promise<void> => {
  Object.assign(world, { key, fallback });
  world.details = await evaluateTyped(world);
};

const template = { showImages: true, title: 'Check out these pics!', imagesPerPage: 100 };

/** The steps of evaluation.feature, which the specification keeps beside the newer one. */
export const olderSteps: readonly StepDefinition[] = [
  [
    /^an? (?:non-existent )?(?:boolean|string|integer|float) flag with key "(.*?)" is evaluated (?:as an integer, )?with (?:details and )?a? ?(?:default|fallback) value (.*)$/,
    (world, [key = '', fallback = '']) => evaluateWith(world, key, literal(fallback)),
  ],
  [
    /^an object flag with key "(.*)" is evaluated with (?:details and )?a null default value$/,
    (world, [key = '']) => evaluateWith(world, key, null),
  ],
  [
    /^the resolved (?:boolean|string|integer|float) value should be (.*)$/,
    ({ details }, [value = '']) => expect(details.value).toBe(literal(value)),
  ],
  [
    /^the resolved object (?:details )?value should be contain fields "showImages", "title", and "imagesPerPage", with values "true", "Check out these pics!" and 100, respectively$/,
    ({ details }) => expect(details.value).toEqual(template),
  ],
  [
    /^the resolved \w+ details value should be (.*), the variant should be "(.*)", and the reason should be "(.*)"$/,
    ({ details }, [value = '', variant, reason]) =>
      expect(details).toMatchObject({ value: literal(value), variant, reason }),
  ],
  [
    /^the variant should be "(\w+)", and the reason should be "(\w+)"$/,
    ({ details }, [variant, reason]) => expect(details).toMatchObject({ variant, reason }),
  ],
  [
    /^context contains keys "fn", "ln", "age", "customer" with values "(.*)", "(.*)", (\d+), "(.*)"$/,
    (world, [fn = '', ln = '', age, customer = '']) => {
      world.context = { fn, ln, age: Number(age), customer };
    },
  ],
  [
    /^a flag with key "(.*)" is evaluated with default value "(.*)"$/,
    (world, [key = '', fallback = '']) => evaluateWith(world, key, fallback),
  ],
  [
    /^the resolved string response should be "(.*)"$/,
    ({ details }, [value]) => expect(details.value).toBe(value),
  ],
  [
    /^the resolved flag value is "(.*)" when the context is empty$/,
    async (world, [value]) => expect((await evaluateTyped({ ...world, context: {} })).value).toBe(value),
  ],
  [
    /^the default (?:string|integer) value should be returned$/,
    ({ details, fallback }) => expect(details.value).toBe(fallback),
  ],
  [
    /^the reason should indicate an error and the error code should indicate a (?:missing flag|type mismatch) with "(.*)"$/,
    ({ details }, [errorCode]) => expect(details).toMatchObject({ reason: 'ERROR', errorCode }),
  ],
];
