import { eachDatabase, startApp } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { NOON, openNotesApp } from './notes-app.ts';

eachDatabase((engine) => {
  const open = async () => {
    const { app, ...rest } = await openNotesApp(engine);
    const { request } = await startApp(app);
    const put = (id: string, content: string) =>
      request('PUT', `/promo-rate-limit/${id}`, { json: { content } });
    return { put, ...rest };
  };

  describe('PUT /promo-rate-limit/:id', () => {
    it('stores a note under the id of the client', async () => {
      const { put, count } = await open();
      const { status, body } = await put('first', 'Water the plants');
      expect(status).toBe(200);
      expect(body).toEqual({ id: 'first', content: 'Water the plants', created_at: NOON });
      expect(await count()).toBe(1);
    });

    it('answers a repeat with the same bytes, and stores nothing more', async () => {
      const { put, count, advance } = await open();
      const { text } = await put('first', 'Water the plants');
      await advance(1000);
      const repeated = await put('first', 'Water the plants');
      expect([repeated.status, repeated.text]).toEqual([200, text]);
      expect(await count()).toBe(1);
    });

    it('stores one note of thirty attempts at once, and answers all of them alike', async () => {
      const { put, count } = await open();
      const answers = await Promise.all(Array.from({ length: 30 }, () => put('first', 'Water the plants')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await count()).toBe(1);
    });

    it('refuses other content under a used id, and keeps the first', async () => {
      const { put, count } = await open();
      const { text } = await put('first', 'Water the plants');
      expect((await put('first', 'Sell the plants')).body).toMatchObject({
        status: 409,
        code: 'promo_rate_limit_id_taken',
      });
      expect((await put('first', 'Water the plants')).text).toBe(text);
      expect(await count()).toBe(1);
    });

    it('stores nothing of a request that it refuses', async () => {
      const { put, count } = await open();
      expect((await put('first', '')).body).toMatchObject({
        status: 400,
        errors: [{ pointer: '#/content' }],
      });
      expect(await count()).toBe(0);
    });
  });
});
