import { createMetrics } from '@lab/shared/observability';
import {
  boundedClientCost,
  createFakeClock,
  createTestApp,
  edgeConformance,
  fuzzContracts,
  parsePrometheus,
  startApp,
} from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createEchoRouter } from '../src/index.ts';

const clock = createFakeClock('2026-11-20T12:00:00.000Z');

const openApp = (registry = createMetrics()) =>
  createTestApp([createEchoRouter({ registry, now: clock.now })], { registry });

const card = {
  number: '4111111111111111',
  holder: 'A. Miller',
  expiry_month: 12,
  expiry_year: 2030,
  cvc: '123',
};

describe('POST /echo', () => {
  test('answers the received body, with the time, the request id and the duration', async () => {
    const { request } = await startApp(openApp());
    const json = {
      message: 'hi 🍦',
      tags: ['a'],
      metadata: { n: 1.5, ok: true, none: null, constructor: 'x' },
    };
    const { status, headers, body } = await request('POST', '/echo', {
      json,
      headers: { 'X-Request-Id': 'mine' },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ echo: json, received_at: '2026-11-20T12:00:00.000Z', request_id: 'mine' });
    expect(headers.get('Server-Timing')).toMatch(/^app;dur=\d+\.\d{3}$/);
  });

  test.each([
    ['a message of 1,000 code points', { message: '🍦'.repeat(1000) }, 200],
    ['a message of 1,001 code points', { message: '🍦'.repeat(1001) }, 400],
    ['an empty message', { message: '' }, 400],
    ['ten tags', { message: 'm', tags: Array(10).fill('t') }, 200],
    ['eleven tags', { message: 'm', tags: Array(11).fill('t') }, 400],
    ['a tag of 41 characters', { message: 'm', tags: ['t'.repeat(41)] }, 400],
    ['20 entries', { message: 'm', metadata: Object.fromEntries(Array(20).fill(0).entries()) }, 200],
    ['21 entries', { message: 'm', metadata: Object.fromEntries(Array(21).fill(0).entries()) }, 400],
    ['a nested entry', { message: 'm', metadata: { deep: {} } }, 400],
    ['an unknown field', { message: 'm', extra: 1 }, 400],
  ])('with %s', async (_what, json, status) => {
    const { request } = await startApp(openApp());
    expect((await request('POST', '/echo', { json })).status).toBe(status);
  });

  test.each([
    [{ metadata: { a: [1] } }, '#/metadata/a', 'must be a string, a number, a boolean or null'],
    [{ metadata: { a: {} } }, '#/metadata/a', 'must be a string, a number, a boolean or null'],
    [{ metadata: [1] }, '#/metadata', 'must be an object'],
    [{ tags: [['a']] }, '#/tags/0', 'must be a string'],
    [{ message: ['a'] }, '#/message', 'must be a string'],
  ])('says what is allowed in place of %j', async (fault, pointer, detail) => {
    const { request } = await startApp(openApp());
    const { body } = await request('POST', '/echo', { json: { message: 'm', ...fault } });
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ pointer, detail }] });
  });

  test('names all faults at once without repeating any value', async () => {
    const { request } = await startApp(openApp());
    const { body, text } = await request('POST', '/echo', {
      json: { message: 42, tags: ['4111111111111111'.repeat(3)], surplus: '4111111111111111' },
    });
    expect(body).toMatchObject({
      code: 'invalid_request',
      errors: [
        { pointer: '#/message', detail: 'must be a string' },
        { pointer: '#/tags/0', detail: 'must have 1 to 40 characters' },
        { pointer: '#/surplus', detail: 'unknown field' },
      ],
    });
    expect(text).not.toContain('4111');
  });

  test('refuses a member that would change the prototype', async () => {
    const { request } = await startApp(openApp());
    const text = '{"message":"m","metadata":{"__proto__":{"admin":true}}}';
    const { body } = await request('POST', '/echo', {
      text,
      headers: { 'Content-Type': 'application/json' },
    });
    expect(body).toMatchObject({ status: 400, code: 'malformed_json' });
  });
});

describe('POST /echo/:schema', () => {
  test('masks a card number except for its last four digits, and the whole CVC', async () => {
    const { request } = await startApp(openApp());
    const { body, text } = await request('POST', '/echo/payment_card', { json: card });
    expect(body).toMatchObject({ echo: { ...card, number: '************1111', cvc: '***' } });
    expect(text).not.toContain(card.number);
  });

  test.each([
    ['a digit of the number mistyped', 'payment_card', { ...card, number: '4111111111111112' }, '#/number'],
    ['a negative quantity', 'cart_line', line(-1), '#/quantity'],
    ['a quantity with decimals', 'cart_line', line(1.5), '#/quantity'],
    ['a quantity of 2^32 - 1', 'cart_line', line(4_294_967_295), '#/quantity'],
    ['a country that is not a code', 'address', { ...address, country: 'Germany' }, '#/country'],
  ])('refuses %s', async (_what, schema, json, pointer) => {
    const { request } = await startApp(openApp());
    const { body } = await request('POST', `/echo/${schema}`, { json });
    expect(body).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  test('masks an optional field if it is present', async () => {
    const { request } = await startApp(openApp());
    const { body } = await request('POST', '/echo/address', { json: { ...address, phone: '+4930123456' } });
    expect(body).toMatchObject({ echo: { ...address, phone: '*******3456' } });
  });

  test('answers 404 for an unknown schema', async () => {
    const { request } = await startApp(openApp());
    for (const name of ['nothing', 'constructor', '__proto__']) {
      expect((await request('POST', `/echo/${name}`, { json: {} })).body).toMatchObject({
        code: 'unknown_schema',
      });
    }
  });
});

test('lists its schemas, and answers each as JSON Schema 2020-12', async () => {
  const { request } = await startApp(openApp());
  const { body } = await request('GET', '/schemas');
  expect(body).toMatchObject({
    items: [{ name: 'message' }, { name: 'address' }, { name: 'cart_line' }, { name: 'payment_card' }],
  });
  expect((await request('GET', '/schemas/payment_card')).body).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
  });
});

test('counts accepted and refused bodies, and creates no series for unknown names', async () => {
  const registry = createMetrics();
  const { request } = await startApp(openApp(registry));
  await request('POST', '/echo', { json: { message: 'm' } });
  await request('POST', '/echo', { json: {} });
  await request('POST', '/echo/cart_line', { json: line(-1) });
  await request('POST', '/echo/nothing', { json: {} });
  const metrics = parsePrometheus((await request('GET', '/metrics')).text);
  const count = (schema: string, outcome: string) =>
    metrics.value('echo_validations_total', { schema, outcome });
  expect([count('message', 'accepted'), count('message', 'rejected')]).toEqual([1, 1]);
  expect([count('cart_line', 'accepted'), count('cart_line', 'rejected')]).toEqual([0, 1]);
  expect(await registry.metrics()).not.toContain('nothing');
});

edgeConformance(() => openApp());
boundedClientCost(new URL('../src/server.ts', import.meta.url));

fuzzContracts(() => openApp(), {
  samples: {
    echoBySchema: { 'params.schema': ['payment_card'], body: [card] },
    readSchema: { 'params.name': ['message'] },
  },
});

const address = {
  name: 'A. Miller',
  line1: 'Main Street 1',
  postal_code: '10115',
  city: 'Berlin',
  country: 'DE',
};

const line = (quantity: number) => {
  return { sku: 'ICE-VANILLA-500', quantity, unit_price: { amount: '6.99', currency: 'USD' } };
};
