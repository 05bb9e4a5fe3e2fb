import { expect, test } from 'vitest';
import { misnamedSchemas, sliceDependencies } from '../lab/schema-names.ts';
import { createDemoApp } from './demo-contracts.ts';

const planted = (name: string, nested = 'lab.Money') => ({
  paths: {
    '/gifts': {
      get: {
        operationId: 'listGifts',
        tags: ['gift-history'],
        responses: { 200: { schema: { $ref: `#/components/schemas/${name}` } } },
      },
    },
  },
  components: { schemas: { [name]: { price: { $ref: `#/components/schemas/${nested}` } } } },
});

test('the ids of all schemas on the demo begin with their slice, or with lab', async () => {
  expect(misnamedSchemas((await createDemoApp()).openApi, sliceDependencies)).toEqual([]);
});

test.each([
  ['of the slice', 'gift-history.Filter', 'lab.Money'],
  ['of a slice that it builds on', 'gift-grant.Gift', 'lab.Money'],
])('an id %s passes', (_what, name, nested) => {
  expect(misnamedSchemas(planted(name, nested), sliceDependencies)).toEqual([]);
});

test.each([
  ['without a prefix', 'Gift', 'lab.Money'],
  ["with another slice's", 'cart-pricing.Cart', 'lab.Money'],
  ['with the same fault further in', 'gift-grant.Gift', 'Money'],
])('an id %s is found', (_what, name, nested) => {
  expect(misnamedSchemas(planted(name, nested), sliceDependencies)).toHaveLength(1);
});
