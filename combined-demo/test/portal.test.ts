import { onChromium, parsePrometheus, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { openDemo } from './demo-app.ts';

const wait = { timeout: 20_000, interval: 100 };

onChromium((browser) => {
  test('the portal shows the counters of all slices', { timeout: 60_000 }, async () => {
    const { app } = await openDemo('sqlite::memory:');
    const { url, request } = await startApp(app);
    const { page, complaints, foreign } = await browser.open(`${url}/portal`);
    const targets = ['/products', '/schemas', '/products', '/cart/prices', '/products'];
    for (const target of targets) await request('GET', target);
    const { value } = parsePrometheus((await request('GET', '/metrics')).text);
    for (const route of new Set(targets)) {
      const count = value('http_requests_total', { method: 'GET', route, status: '200' });
      const row = page.locator('.routes tr').filter({ hasText: `GET ${route}` });
      await expect.poll(() => row.locator('[data-figure=total]').textContent(), wait).toBe(String(count));
    }
    const hits = String(value('cache_hits_total', { cache: 'pages' }));
    expect(hits).toBe('2');
    await expect.poll(() => page.locator('[data-figure=hits-pages]').textContent(), wait).toBe(hits);
    expect([complaints, foreign]).toEqual([[], []]);
  });
});
