import { eachDatabase, startApp, type TestRequest } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openInventory } from './inventory-app.ts';

const operator = { 'X-Admin-Token': 'dev-admin-token' };
const reservation = z.looseObject({ id: z.string() });

eachDatabase((engine) => {
  const open = async () => {
    const inventory = await openInventory(engine);
    await inventory.stock.create([
      { sku: 'TEA', quantity: 5 },
      { sku: 'CUP', quantity: 1 },
    ]);
    const { request } = await startApp(inventory.app);
    let keys = 0;
    const write = (method: string, path: string, json: unknown, options: Partial<TestRequest> = {}) => {
      keys += 1;
      const headers = { ...operator, 'Idempotency-Key': `key-${keys}`, ...options.headers };
      return request(method, path, { json, ...options, headers });
    };
    const reserve = (lines: readonly object[], more: object = {}, headers: Record<string, string> = {}) =>
      write('POST', '/reservations', { lines, ...more }, { headers });
    const stockOf = async (sku: string) => (await request('GET', `/stock/${sku}`)).body;
    return { ...inventory, request, write, reserve, stockOf };
  };

  it('reserves, and replays the answer when the key repeats', async () => {
    const { request, reserve, stockOf } = await open();
    const lines = [{ sku: 'TEA', quantity: 2 }];
    const first = await reserve(lines, {}, { 'Idempotency-Key': 'once' });
    const again = await reserve(lines, {}, { 'Idempotency-Key': 'once' });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ status: 'held', lines, expires_at: '2026-11-20T12:15:00.000Z' });
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([
      201,
      first.text,
      'true',
    ]);
    expect(await stockOf('TEA')).toEqual({ sku: 'TEA', on_hand: 5, reserved: 2, available: 3, version: 2 });
    const location = first.headers.get('location') ?? '';
    expect((await request('GET', location)).text).toBe(first.text);
    expect(
      (await reserve([{ sku: 'TEA', quantity: 1 }], {}, { 'Idempotency-Key': 'once' })).body,
    ).toMatchObject({
      status: 409,
      code: 'idempotency_key_reused',
    });
  });

  it('takes the same key on another route for another key', async () => {
    const { write } = await open();
    const headers = { 'Idempotency-Key': 'shared' };
    expect((await write('PUT', '/stock/TEA', { on_hand: 7 }, { headers })).status).toBe(200);
    const adjusted = await write('POST', '/stock/TEA/adjustments', { delta: 1, reason: 'x' }, { headers });
    expect(adjusted.body).toMatchObject({ on_hand: 8 });
  });

  it('says of each line how much there is, and leaves the key free', async () => {
    const { reserve, write, stockOf } = await open();
    const lines = [
      { sku: 'TEA', quantity: 1 },
      { sku: 'CUP', quantity: 1 },
      { sku: 'CUP', quantity: 1 },
    ];
    const refused = await reserve(lines, {}, { 'Idempotency-Key': 'later' });
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'insufficient_stock',
      shortages: [{ sku: 'CUP', wanted: 2, available: 1 }],
      errors: [{ pointer: '#/lines/1' }, { pointer: '#/lines/2' }],
    });
    expect(await stockOf('TEA')).toMatchObject({ reserved: 0 });
    expect((await write('PUT', '/stock/CUP', { on_hand: 2 })).status).toBe(200);
    expect((await reserve(lines, {}, { 'Idempotency-Key': 'later' })).status).toBe(201);
    expect((await reserve([{ sku: 'POT', quantity: 1 }])).body).toMatchObject({
      status: 404,
      code: 'unknown_sku',
      errors: [{ pointer: '#/lines/0' }],
    });
  });

  it('confirms and releases, each once and repeatable, and refuses the other way round', async () => {
    const { request, reserve, stockOf, advance } = await open();
    const idOf = async (quantity: number, ttl_ms = 900_000) =>
      reservation.parse((await reserve([{ sku: 'TEA', quantity }], { ttl_ms })).body).id;
    const [sold, returned, late] = [await idOf(2), await idOf(1), await idOf(1, 1000)];
    const end = async (id: string, how: string) => {
      const { status, body } = await request('POST', `/reservations/${id}/${how}`);
      return [status, z.looseObject({ status: z.unknown(), code: z.string().optional() }).parse(body).code];
    };
    expect([await end(sold, 'confirm'), await end(sold, 'confirm')]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect([await end(returned, 'release'), await end(returned, 'release')]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    advance(1000);
    expect([await end(sold, 'release'), await end(returned, 'confirm'), await end(late, 'confirm')]).toEqual([
      [409, 'reservation_confirmed'],
      [409, 'reservation_released'],
      [409, 'reservation_expired'],
    ]);
    expect((await request('GET', `/reservations/${late}`)).body).toMatchObject({ status: 'expired' });
    expect(await end('nobody', 'confirm')).toEqual([404, 'reservation_not_found']);
    expect(await stockOf('TEA')).toMatchObject({ on_hand: 3, reserved: 0, available: 3 });
  });

  it('writes each change of the stock to a ledger that nobody can change', async () => {
    const { request, write, reserve, db, advance } = await open();
    advance(1);
    await write('POST', '/stock/TEA/adjustments', { delta: -2, reason: 'broken' });
    advance(1);
    const { id } = reservation.parse((await reserve([{ sku: 'TEA', quantity: 1 }])).body);
    await request('POST', `/reservations/${id}/confirm`);
    const ledger = await request('GET', '/stock/TEA/ledger');
    expect(ledger.body).toMatchObject({
      items: [
        { delta: -1, reason: 'sold', reference: id, at: '2026-11-20T12:00:00.002Z' },
        { delta: -2, reason: 'broken', reference: null },
        { delta: 5, reason: 'initial', reference: null },
      ],
      next_cursor: null,
    });
    expect((await request('GET', '/stock/verify', { headers: operator })).body).toEqual({
      ok: true,
      skus: 2,
      faults: [],
    });
    await expect(sql`update stock_ledger set delta = 1`.execute(db)).rejects.toThrow(/append-only/);
    await expect(sql`delete from stock_ledger`.execute(db)).rejects.toThrow(/append-only/);
    await db.updateTable('stock').set({ on_hand: 9 }).where('sku', '=', 'TEA').execute();
    expect((await request('GET', '/stock/verify', { headers: operator })).body).toEqual({
      ok: false,
      skus: 2,
      faults: [{ sku: 'TEA', on_hand: 9, ledger: 2, reserved: 0, held: 0 }],
    });
  });

  it('never goes below what is reserved, not even in the database itself', async () => {
    const { write, reserve, db } = await open();
    await reserve([{ sku: 'TEA', quantity: 4 }]);
    const below = { status: 409, code: 'stock_below_reserved', reserved: 4 };
    expect((await write('PUT', '/stock/TEA', { on_hand: 3 })).body).toMatchObject(below);
    expect((await write('POST', '/stock/TEA/adjustments', { delta: -2, reason: 'x' })).body).toMatchObject(
      below,
    );
    expect((await write('PUT', '/stock/TEA', { on_hand: 4 })).body).toMatchObject({
      on_hand: 4,
      available: 0,
    });
    const tooMuch = await write('POST', '/stock/TEA/adjustments', { delta: 1_000_000_000, reason: 'x' });
    expect(tooMuch.body).toMatchObject({ status: 422, code: 'stock_out_of_range' });
    await expect(
      db.updateTable('stock').set({ reserved: 5 }).where('sku', '=', 'TEA').execute(),
    ).rejects.toThrow();
  });

  it('lets only staff change the stock', async () => {
    const { request } = await open();
    const json = { on_hand: 1 };
    expect((await request('PUT', '/stock/TEA', { json })).status).toBe(401);
    const shopper = { Authorization: 'Bearer alice', 'Idempotency-Key': 'k' };
    expect((await request('PUT', '/stock/TEA', { json, headers: shopper })).status).toBe(403);
  });

  it('tells in the transaction when a sku runs out and when it is back', async () => {
    const seen: string[] = [];
    const { stock, app, advance } = await openInventory(engine, {
      onAvailability: async (_trx, crossings) => {
        seen.push(...crossings.map(({ sku, isAvailable }) => `${sku} ${isAvailable ? 'back' : 'out'}`));
      },
    });
    await stock.create([{ sku: 'TEA', quantity: 2 }]);
    const { request } = await startApp(app);
    const reserve = (quantity: number, key: string) =>
      request('POST', '/reservations', {
        json: { lines: [{ sku: 'TEA', quantity }], ttl_ms: 1000 },
        headers: { 'Idempotency-Key': key },
      });
    await reserve(1, 'a');
    await reserve(1, 'b');
    expect(seen).toEqual(['TEA out']);
    advance(1000);
    await reserve(2, 'c');
    expect(seen).toEqual(['TEA out']);
    advance(1000);
    await reserve(1, 'd');
    expect(seen).toEqual(['TEA out', 'TEA back']);
    await stock.set('TEA', 1);
    expect(seen).toEqual(['TEA out', 'TEA back', 'TEA out']);
  });
});
