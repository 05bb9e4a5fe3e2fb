import { onDatabase } from '@lab/testing';
import { parseList } from 'structured-headers';
import { expect, it } from 'vitest';
import { operator, type PromoAppOptions, shopper, startPromos, usd } from './promo-app.ts';

onDatabase('sqlite', (engine) => {
  const open = (options?: PromoAppOptions) => startPromos(engine, options);

  it('counts every attempt of a known shopper: right, wrong, repeated and malformed', async () => {
    const { apply, request } = await open();
    const remaining: unknown[] = [];
    const look = ({ headers }: { headers: Headers }) => {
      const [[name, parameters] = []] = parseList(headers.get('RateLimit') ?? '');
      remaining.push([name, parameters?.get('r'), parameters?.get('t')]);
      const [[policy, numbers] = []] = parseList(headers.get('RateLimit-Policy') ?? '');
      expect([policy, numbers?.get('q'), numbers?.get('w')]).toEqual(['promo', 5, 50]);
    };
    look(await apply('WELCOME10'));
    look(await apply('WELCOME10'));
    look(await apply('NOSUCH'));
    look(await request('POST', '/promo/apply', { headers: shopper(1), json: { code: 7 } }));
    look(await apply('SPRING'));
    const refused = await apply('WELCOME10');
    look(refused);
    expect(refused.body).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(remaining).toEqual([
      ['promo', 4, 10],
      ['promo', 3, 20],
      ['promo', 2, 30],
      ['promo', 1, 40],
      ['promo', 0, 50],
      ['promo', 0, 50],
    ]);
  });

  it('lets whoever waits for Retry-After try again, always, and not a millisecond before they could', async () => {
    const { apply, advance } = await open({ policy: { capacity: 2, refillPerSecond: 0.3 } });
    for (let round = 0; round < 20; round += 1) {
      let refused = await apply('NOSUCH');
      while (refused.status !== 429) refused = await apply('NOSUCH');
      const waitMs = Number(refused.headers.get('Retry-After')) * 1000;
      expect(waitMs).toBeGreaterThan(0);
      await advance(waitMs);
      expect((await apply('NOSUCH')).status).toBe(404);
      await advance(137 * round);
    }
  });

  it('throttles guessing: one shopper tries no more than 5 at once and 6 a minute', async () => {
    const { apply, advance } = await open();
    let tried = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      for (let guess = 0; guess < 6; guess += 1) tried += (await apply('GUESS')).status === 404 ? 1 : 0;
      await advance(60_000);
    }
    // The bucket holds no more than 5, so a guesser who comes once a minute gets 5 of the 6 new tokens.
    expect(tried).toBe(300);
  });

  it('takes nothing from anybody for requests without valid credentials', async () => {
    const { request, apply } = await open();
    const json = { code: 'WELCOME10', cart_id: 'cart', cart_total: usd('10.00') };
    const send = (headers: Record<string, string>) => request('POST', '/promo/apply', { headers, json });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const missing = await send({});
      expect([missing.status, missing.headers.get('WWW-Authenticate')]).toEqual([
        401,
        'Bearer realm="promo"',
      ]);
      const unknown = await send({ Authorization: 'Bearer stolen' });
      expect([unknown.status, unknown.headers.get('WWW-Authenticate')]).toEqual([
        401,
        'Bearer realm="promo", error="invalid_token"',
      ]);
      expect((await send({ Authorization: 'Basic abc' })).body).toMatchObject({ code: 'invalid_request' });
      expect((await send(operator)).status).toBe(403);
      for (const answer of [missing, unknown]) expect(answer.headers.has('RateLimit')).toBe(false);
    }
    const first = await apply('WELCOME10');
    expect([first.status, first.headers.get('RateLimit')]).toEqual([200, '"promo";r=4;t=10']);
  });
});
