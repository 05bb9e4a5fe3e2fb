import { eachDatabase, startApp } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openVariantsApp, operator, tee } from './variants-app.ts';

const product = z.looseObject({
  id: z.string(),
  in_stock: z.boolean(),
  variants: z.array(z.looseObject({ id: z.string(), sku: z.string(), available: z.number() })),
});

/** A product of one variant with this sku, price and attributes. */
const oneVariant = (sku: string, more: object = {}) =>
  tee('NEW', { variants: [{ sku, attributes: {}, ...more }] });

const taken = { status: 409, code: 'sku_taken' };
const inconsistent = { status: 422, code: 'invalid_variants' };
const malformed = { status: 400, code: 'invalid_request' };
const inEuro = { price: { amount: '1.00', currency: 'EUR' } };

const writes = [
  ['POST', '/products'],
  ['PATCH', '/products/any'],
  ['PUT', '/products/any/variants'],
  ['DELETE', '/products/any'],
  ['POST', '/categories'],
  ['PATCH', '/categories/any'],
  ['DELETE', '/categories/any'],
] as const;

const refused = [
  { json: tee('TEE', { variants: [] }), ...taken },
  { json: tee('TEE-RED-S', { variants: [] }), ...taken },
  { json: oneVariant('TEE'), ...taken },
  { json: oneVariant('TEE-BLUE-M'), ...taken },
  { json: oneVariant('NEW'), ...taken },
  { json: tee('NEW', { category: 'nowhere' }), status: 422, code: 'unknown_category' },
  {
    json: tee('NEW', { variants: ['A', 'B'].map((sku) => ({ sku, attributes: { color: 'red' } })) }),
    ...inconsistent,
  },
  {
    json: tee('NEW', { variants: ['A', 'B'].map((sku) => ({ sku, attributes: { [sku]: 'x' } })) }),
    ...inconsistent,
  },
  { json: oneVariant('A', inEuro), ...inconsistent },
  { json: tee('NEW', { price: { amount: '1.001', currency: 'USD' } }), ...malformed },
  { json: tee('NEW', { price: { amount: '-1.00', currency: 'USD' } }), ...malformed },
  { json: tee('NEW', { attributes: { color: 'red,blue' } }), ...malformed },
  { json: tee('NEW', { attributes: { __proto: 'x' } }), ...malformed },
];

eachDatabase((engine) => {
  const open = async () => {
    const changed: string[][] = [];
    const onChanged = (ids: readonly string[]) => void changed.push([...ids]);
    const deps = await openVariantsApp(engine, { onChanged });
    const { request } = await startApp(deps.app);
    const send = (method: string, path: string, json?: object, more: Record<string, string> = {}) =>
      request(method, path, { headers: { ...operator, ...more }, ...(json && { json }) });
    const create = async (sku: string, more: object = {}) => {
      const { status, body, headers } = await send('POST', '/products', tee(sku, more));
      expect(status).toBe(201);
      return { ...product.parse(body), path: headers.get('location') ?? '', etag: headers.get('etag') ?? '' };
    };
    const count = async () => (await deps.db.selectFrom('products').select('id').execute()).length;
    const idsIn = async (query: string): Promise<string[]> => {
      const { body } = await request('GET', `/products?${query}`);
      return z
        .object({ items: z.array(product.pick({ id: true }).loose()) })
        .parse(body)
        .items.map(({ id }) => id);
    };
    return { ...deps, request, send, create, count, idsIn, changed };
  };

  describe('a product', () => {
    it('is shown with its variants, its cheapest price and its stock as it was created', async () => {
      const { request, create, changed } = await open();
      const { id, path, etag } = await create('TEE');
      const { status, body, headers } = await request('GET', path);
      expect([status, headers.get('etag'), headers.get('cache-control')]).toEqual([200, etag, 'no-cache']);
      expect(body).toMatchObject({
        sku: 'TEE',
        description: 'Soft and plain.',
        attributes: { material: 'cotton' },
        from_price: { amount: '18.50', currency: 'USD' },
        in_stock: true,
        variants: [
          {
            sku: 'TEE-RED-S',
            attributes: { color: 'red', size: 'S' },
            price: { amount: '20.00' },
            available: 2,
          },
          { sku: 'TEE-BLUE-M', price: { amount: '18.50' }, available: 0 },
        ],
      });
      expect((await request('GET', path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
      expect(changed).toEqual([[id]]);
    });

    it('is not created with a fault, and nothing is stored', async () => {
      const { create, send, count, db } = await open();
      await create('TEE');
      for (const { json, status, code } of refused) {
        expect((await send('POST', '/products', json)).body, JSON.stringify(json)).toMatchObject({
          status,
          code,
        });
      }
      expect(await count()).toBe(1);
      expect(await db.selectFrom('product_skus').select('sku').execute()).toHaveLength(3);
    });

    it('is changed by those who know its current version only', async () => {
      const { create, send, request, idsIn } = await open();
      const { path, etag, id } = await create('TEE');
      const change = { name: 'Shirt', category: 'drinks', attributes: { material: 'linen' } };
      expect((await send('PATCH', path, change)).body).toMatchObject({
        status: 428,
        code: 'precondition_required',
      });
      const first = await send('PATCH', path, change, { 'If-Match': `"other", ${etag}` });
      expect([first.status, first.body]).toMatchObject([200, { ...change, description: 'Soft and plain.' }]);
      for (const stale of [etag, `W/${first.headers.get('etag')}`, '"other"']) {
        const refused = await send('PATCH', path, { name: 'Lost' }, { 'If-Match': stale });
        expect(refused.body).toMatchObject({ status: 412, code: 'precondition_failed' });
      }
      expect((await request('GET', path)).text).toBe(first.text);
      expect([await idsIn('category=drinks&attr.material=linen'), await idsIn('category=snacks')]).toEqual([
        [id],
        [],
      ]);
      expect((await send('PATCH', path, { description: null }, { 'If-Match': '*' })).status).toBe(200);
      expect((await send('PATCH', path, inEuro, { 'If-Match': '*' })).body).toMatchObject({
        code: 'currency_fixed',
      });
    });

    it('has another version after a sale', async () => {
      const { create, send, db } = await open();
      const { path, etag } = await create('TEE');
      await db.updateTable('variant_stock').set({ available: 1 }).where('sku', '=', 'TEE-RED-S').execute();
      expect((await send('PATCH', path, { name: 'Shirt' }, { 'If-Match': etag })).status).toBe(412);
    });

    it('gets other variants: known ones keep id and stock, and the skus of removed ones are free again', async () => {
      const { create, send, idsIn } = await open();
      const { id, path, etag, variants } = await create('TEE');
      const json = {
        variants: [
          { sku: 'TEE-GREEN-L', attributes: { color: 'green', size: 'L' } },
          { sku: 'TEE-RED-S', attributes: { color: 'red', size: 'XS' } },
        ],
      };
      expect((await send('PUT', `${path}/variants`, json)).status).toBe(428);
      const changed = await send('PUT', `${path}/variants`, json, { 'If-Match': etag });
      expect(changed.body).toMatchObject({
        from_price: { amount: '20.00' },
        variants: [
          { sku: 'TEE-GREEN-L', available: 0 },
          { id: variants[0]?.id, sku: 'TEE-RED-S', available: 2 },
        ],
      });
      expect([await idsIn('attr.color=blue'), await idsIn('attr.size=XS&attr.color=red')]).toEqual([
        [],
        [id],
      ]);
      await create('OTHER', { variants: [{ sku: 'TEE-BLUE-M', attributes: {} }] });
      const none = await send('PUT', `${path}/variants`, { variants: [] }, { 'If-Match': '*' });
      expect(none.body).toMatchObject({ variants: [], in_stock: false });
      expect(await idsIn('attr.material=cotton&in_stock=true')).toEqual([]);
    });
  });

  it('is written only by callers with the permission', async () => {
    const { request } = await open();
    const shopper = { Authorization: 'Bearer demo-alice' };
    for (const [method, path] of writes) {
      expect((await request(method, path)).body).toMatchObject({ status: 401, code: 'missing_credentials' });
      const { body } = await request(method, path, { headers: shopper });
      expect(body).toMatchObject({ status: 403, code: 'forbidden' });
    }
  });
});
