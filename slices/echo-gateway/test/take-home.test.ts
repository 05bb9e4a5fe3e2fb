import { startExpress } from '@lab/testing';
import { expect, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the router works in a plain Express app, under a prefix', async () => {
  const request = await startExpress(createOwnApp());
  expect((await request('POST', '/tools/echo', { json: { message: 'hello' } })).status).toBe(200);
  const refused = await request('POST', '/tools/echo', { json: { message: 1 } });
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(refused.body).toMatchObject({
    type: 'https://shop.example/problems/invalid_request',
    instance: '/tools/echo',
    errors: [{ pointer: '#/message' }],
  });
  expect((await request('GET', '/')).text).toBe('My shop');
});
