import { createRouter, defineProblem, defineRoute, ProblemError, route } from '@lab/shared/http';
import { createTestApp, fuzzApp, fuzzContracts } from '@lab/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const unknownThing = defineProblem({
  code: 'unknown_thing',
  status: 404,
  title: 'No such thing',
  explanation: 'Things have numbers.',
});

const thing = z.strictObject({
  name: z.string().min(1).max(40),
  kind: z.enum(['big', 'small']),
  price: z.strictObject({
    amount: z.string().regex(/^\d{1,9}(\.\d{1,6})?$/),
    currency: z.string().regex(/^[A-Z]{3}$/),
  }),
  tags: z.array(z.string().max(8)).max(3).optional(),
  counts: z.record(z.string().max(8), z.union([z.int(), z.boolean(), z.null()])).optional(),
  born: z.iso.datetime().optional(),
});

const writeThing = defineRoute({
  method: 'PUT',
  path: '/things/:id',
  name: 'writeThing',
  summary: 'Write a thing',
  tag: 'test',
  caller: 'shopper',
  params: z.strictObject({ id: z.string().max(64) }),
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).optional() }),
  headers: z.object({ 'idempotency-key': z.string().max(64).optional() }),
  body: thing,
  responses: {
    200: { description: 'The thing', body: z.strictObject({ id: z.string(), name: z.string() }) },
  },
  problems: [unknownThing],
});

type Bug = 'throws' | 'echoes' | 'adds a field' | 'forgets the code' | 'hangs up' | 'none';

const tooLong = defineProblem({ code: 'too_long', status: 422, title: 'Too long', explanation: 'Shorter.' });

const app = (bug: Bug) => {
  const shopper = { role: 'shopper', userId: 1, permissions: new Set<string>() } as const;
  const callers = { realm: 'test', identify: () => shopper };
  const handled = route(writeThing).handle((req, res) => {
    const { id } = req.params;
    const { name } = req.body;
    if (bug === 'throws' && name.includes('\0')) throw new Error('invalid byte sequence');
    if (bug === 'hangs up' && name.length > 35) res.destroy();
    if (bug === 'forgets the code' && name.length > 35) throw new ProblemError(tooLong);
    if (!/^[1-9]$/.test(id)) {
      throw new ProblemError(unknownThing, {
        detail: bug === 'echoes' ? `There is no ${id}` : 'There is none.',
      });
    }
    if (bug === 'adds a field') return { status: 200, text: JSON.stringify({ id, name, stock: 5 }) };
    return { status: 200, body: { id, name } };
  });
  return createTestApp([createRouter([handled], { callers })]);
};

const onlyThings = { routes: ({ name }: { name: string }) => name === 'writeThing', requestsPerRoute: 1000 };
const samples = { writeThing: { 'params.id': fc.constantFrom('1', '2', '3') } };

describe('planted bugs that the fuzzer finds', { timeout: 30_000 }, () => {
  test.each([
    ['throws', 'writeThing: failed with 500'],
    ['echoes', 'writeThing: the error repeats a received value'],
    ['adds a field', 'writeThing: the body: Unrecognized key: "stock"'],
    ['forgets the code', 'writeThing: status 422 is not documented'],
    ['hangs up', 'writeThing: the connection closed without a response'],
  ] as const)('a handler that %s', async (bug, complaint) => {
    const { failures } = await fuzzApp(app(bug), { ...onlyThings, samples });
    const found = failures.filter((failure) => failure.includes(complaint));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/\n {2}request: PUT \/things\/.* HTTP\/1\.1\\r\\nHost: .*\n {2}answer: /);
  });

  test('no other than those', async () => {
    expect((await fuzzApp(app('none'), { ...onlyThings, samples })).failures).toEqual([]);
  });
});

test('the same seed sends the same requests', async () => {
  const counts = async (seed: number) =>
    (await fuzzApp(app('none'), { ...onlyThings, samples, seed })).routes;
  expect(await counts(1)).toEqual(await counts(1));
  expect(await counts(1)).not.toEqual(await counts(2));
});

test('most requests that the schemas describe are accepted, most broken ones refused', {
  timeout: 30_000,
}, async () => {
  const { routes, requests } = await fuzzApp(app('none'), { ...onlyThings, samples });
  expect(requests).toBe(1000);
  const { valid, broken } = routes.writeThing ?? expect.unreachable();
  expect(valid.accepted + valid.declined + valid.refused).toBe(400);
  expect(valid.accepted).toBeGreaterThan(360);
  expect(broken.refused).toBeGreaterThan(400);
  expect(broken.accepted).toBeGreaterThan(20);
});

describe('an app without planted bugs', () => {
  fuzzContracts(() => app('none'), { samples });
});
