import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type Hook,
  type JsonValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { expect } from 'vitest';
import { FlagFileError } from '../src/flags/flag-set.ts';
import { createLiveFlags } from '../src/flags/live-flags.ts';
import { createFlagProvider } from '../src/flags/provider.ts';
import type { Step } from './gherkin.ts';

/** What the steps of a scenario share. */
export interface World {
  client: Client;
  type: string;
  key: string;
  fallback: JsonValue;
  context: EvaluationContext;
  hooks: Hook[];
  hooksCalled: string[];
  details: EvaluationDetails<JsonValue>;
}

export type StepDefinition = readonly [
  RegExp,
  (world: World, captures: readonly string[], table: Step['table']) => unknown,
];

const starts: Readonly<Record<string, () => Promise<void>>> = {
  'not ready': () => new Promise<void>(() => undefined),
  error: () => Promise.reject(new Error('the database is gone')),
  fatal: () => Promise.reject(new FlagFileError('is not JSON')),
};

/** A client of our provider, over the flags that the specification's own tests use, written in our form. */
const openClient = async (status: string): Promise<Client> => {
  const live = createLiveFlags({
    readFile: () => readFile(new URL('fixtures/openfeature-flags.json', import.meta.url), 'utf8'),
    readOverrides: async () => [],
  });
  const { current } = live;
  const provider = createFlagProvider({ start: starts[status] ?? live.start, current, environment: 'test' });
  const domain = randomUUID();
  const settled = OpenFeature.setProviderAndWait(domain, provider).catch(() => undefined);
  if (status !== 'not ready') await settled;
  if (status === 'stale') provider.stale(true);
  return OpenFeature.getClient(domain);
};

export const emptyWorld = async (): Promise<World> => ({
  client: await openClient('stable'),
  type: 'Boolean',
  key: '',
  fallback: false,
  context: {},
  hooks: [],
  hooksCalled: [],
  details: { flagKey: '', value: null, flagMetadata: {} },
});

const parseValue = (type: string, text: string): JsonValue => {
  if (type === 'Boolean') return text === 'true';
  if (type === 'Integer' || type === 'Float') return Number(text);
  return type === 'Object' ? JSON.parse(text.replaceAll('\\"', '"')) : text;
};

/** Asks with the client's method for the type. */
export const evaluateTyped = async (world: World): Promise<EvaluationDetails<JsonValue>> => {
  const { client, key, fallback, context, hooks } = world;
  if (typeof fallback === 'boolean') return client.getBooleanDetails(key, fallback, context, { hooks });
  if (typeof fallback === 'string') return client.getStringDetails(key, fallback, context, { hooks });
  if (typeof fallback === 'number') return client.getNumberDetails(key, fallback, context, { hooks });
  return client.getObjectDetails(key, fallback, context, { hooks });
};

const evaluate = async (world: World): Promise<void> => {
  world.details = await evaluateTyped(world);
};

const hook = (name: string, called: string[]): Hook => ({
  before: () => void called.push(`${name} before`),
  after: () => void called.push(`${name} after`),
  finally: () => void called.push(`${name} finally`),
});

/** The steps of evaluation_v2.feature. */
export const steps: readonly StepDefinition[] = [
  [
    /^an? (stable|not ready|error|fatal|stale) provider$/,
    async (world, [status = '']) => {
      world.client = await openClient(status);
    },
  ],
  [
    /^an? (\w+)-flag with key "(.*)" and a fallback value "(.*)"$/,
    (world, [type = '', key = '', fallback = '']) =>
      Object.assign(world, { type, key, fallback: parseValue(type, fallback) }),
  ],
  [
    /^a context containing a key "(.*)", with type "(.*)" and with value "(.*)"$/,
    (world, [key = '', type = '', value = '']) => {
      world.context[key] = parseValue(type, value);
    },
  ],
  [
    /^a context containing a key "(.*)" with null value$/,
    (world, [key = '']) => {
      world.context[key] = null;
    },
  ],
  [/^the flag was evaluated with details(?: asynchronously| using the evaluation options)?$/, evaluate],
  [
    /^the resolved details value should be "(.*)"$/,
    ({ details, type }, [value = '']) => expect(details.value).toEqual(parseValue(type, value)),
  ],
  [/^the reason should be "(.*)"$/, ({ details }, [reason]) => expect(details.reason).toBe(reason)],
  [/^the error-code should be "(.*)"$/, ({ details }, [code]) => expect(details.errorCode).toBe(code)],
  [/^the flag key should be "(.*)"$/, ({ details }, [key]) => expect(details.flagKey).toBe(key)],
  [/^the variant should be "([^"]*)"$/, ({ details }, [variant]) => expect(details.variant).toBe(variant)],
  [
    /^the resolved metadata should contain$/,
    ({ details }, _, [, ...rows]) => {
      const wanted = rows.map(([key = '', type = '', value = '']) => [key, parseValue(type, value)]);
      expect(details.flagMetadata).toEqual(Object.fromEntries(wanted));
    },
  ],
  [
    /^the provider status should be "(.*)"$/,
    ({ client }, [status]) => expect(client.providerStatus).toBe(status),
  ],
  [
    /^evaluation options containing specific hooks$/,
    (world) => {
      world.hooks = [hook('first', world.hooksCalled), hook('second', world.hooksCalled)];
    },
  ],
  [
    /^the specified hooks should execute during evaluation$/,
    ({ hooksCalled }) => expect(hooksCalled).toHaveLength(6),
  ],
  [
    /^the hook order should be maintained$/,
    ({ hooksCalled }) =>
      expect(hooksCalled).toEqual([
        'first before',
        'second before',
        'second after',
        'first after',
        'second finally',
        'first finally',
      ]),
  ],
  [
    /^an evaluation context with modifiable data$/,
    (world) => {
      world.context = { targetingKey: '7', groups: ['beta'] };
    },
  ],
  [
    /^the original evaluation context should remain unmodified$/,
    ({ context }) => expect(context).toEqual({ targetingKey: '7', groups: ['beta'] }),
  ],
  [
    // The SDK freezes the metadata. Of the rest, nothing that is written reaches the next evaluation.
    /^the evaluation details should be immutable$/,
    async (world) => {
      expect(Object.isFrozen(world.details.flagMetadata)).toBe(true);
      Object.assign(world.details, { value: 'changed', variant: 'changed' });
      expect(await evaluateTyped(world)).toMatchObject({ value: true, variant: 'on' });
    },
  ],
  [
    /^the evaluation should complete without blocking$/,
    async (world) => {
      const order: string[] = [];
      const evaluated = evaluateTyped(world).then(() => order.push('evaluated'));
      order.push('went on');
      await evaluated;
      expect(order).toEqual(['went on', 'evaluated']);
    },
  ],
];
