import { once } from 'node:events';
import { createCallers } from '@lab/shared/http';
import { onChromium, parsePrometheus } from '@lab/testing';
import axe, { type AxeResults } from 'axe-core';
import express from 'express';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createPortalRouter } from '../src/index.ts';
import { startPortal } from './portal-app.ts';

const PAGE_MS = 60_000;
const wait = { timeout: 20_000, interval: 100 };
const phone = { viewport: { width: 390, height: 844 } };
const desktop = { viewport: { width: 1440, height: 900 } };

const numberOf = (text: string | null): number => Number(text?.replaceAll(/[^\d.]/g, ''));

/** Requests by method and route, as the table of the page says. */
const readTotals = async (page: Page): Promise<Record<string, number>> => {
  const rows = await page.locator('.routes tbody tr').all();
  const entries = await Promise.all(
    rows.map(async (row) => {
      const route = (await row.locator('.route').textContent()) ?? '';
      return [
        route.replaceAll(/\s+/g, ' '),
        numberOf(await row.locator('[data-figure=total]').textContent()),
      ] as const;
    }),
  );
  return Object.fromEntries(entries);
};

/** The same from `/metrics`. */
const countTotals = (text: string): Record<string, number> => {
  const samples = parsePrometheus(text).families.get('http_requests_total')?.samples ?? [];
  const totals: Record<string, number> = {};
  for (const { labels, value } of samples) {
    if (/^\/(metrics|portal)/.test(labels.route ?? '')) continue;
    const key = `${labels.method} ${labels.route}`;
    totals[key] = (totals[key] ?? 0) + value;
  }
  return totals;
};

const seriousFaults = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

onChromium((browser) => {
  test('shows the counters that /metrics has, and asks no other server', { timeout: PAGE_MS }, async () => {
    const server = await startPortal();
    const { page, complaints, foreign } = await browser.open(`${server.url}/portal`, desktop);
    await server.send(137);
    for (let failure = 0; failure < 3; failure += 1) await server.request('POST', '/failures');
    server.hits.inc({ cache: 'product' }, 1234);
    const text = (await server.request('GET', '/metrics')).text;
    expect(countTotals(text)).toEqual({ 'GET /things/:id': 137, 'POST /failures': 3 });
    await expect.poll(() => readTotals(page), wait).toEqual(countTotals(text));
    const figure = async (name: string) =>
      numberOf(await page.locator(`[data-figure="${name}"]`).textContent());
    expect(await figure('hits-product')).toBe(parsePrometheus(text).value('cache_hits_total'));
    expect(await figure('misses-product')).toBe(parsePrometheus(text).value('cache_misses_total'));
    expect([complaints, foreign]).toEqual([[], []]);
  });

  test('a bucket empties with the requests, and fills again', { timeout: PAGE_MS }, async () => {
    const { url, decisions } = await startPortal();
    const { page } = await browser.open(`${url}/portal`, desktop);
    const bucket = page.locator('.bucket');
    const level = async () => Number(await bucket.getAttribute('data-level'));
    await expect.poll(level, wait).toBe(5);
    decisions.inc({ policy: 'promo', decision: 'allowed' }, 5);
    decisions.inc({ policy: 'promo', decision: 'limited' }, 7);
    await expect.poll(level, wait).toBeLessThan(1);
    expect(await bucket.textContent()).toMatch(/limited\s*7/);
    await expect.poll(level, wait).toBe(5);
  });

  for (const [size, window] of Object.entries({ phone, desktop }))
    for (const colorScheme of ['light', 'dark'] as const)
      test(`axe finds nothing serious on a ${size}, ${colorScheme}`, { timeout: PAGE_MS }, async () => {
        const { url, send } = await startPortal();
        const { page } = await browser.open(`${url}/portal`, {
          ...window,
          colorScheme,
          reducedMotion: 'reduce',
        });
        await send(20);
        await page.locator('.routes tbody tr').first().waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(overflow)).toBe(0);
        expect(await page.evaluate("getComputedStyle(document.querySelector('.dot')).animationName")).toBe(
          'none',
        );
      });

  test('everything works by keyboard', { timeout: PAGE_MS }, async () => {
    const { url, send } = await startPortal();
    const { page } = await browser.open(`${url}/portal`, desktop);
    await send(20);
    await page.locator('.routes tbody tr').first().waitFor();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const isOnRoute = () => page.evaluate<boolean>("document.activeElement.matches('.route')");
    await press('Tab', 'ArrowRight');
    await expect.poll(() => page.locator('[name=range]:checked').inputValue(), wait).toBe('900');
    await press('Tab', 'Space');
    await expect.poll(() => page.locator('.status').textContent(), wait).toContain('Paused');
    await press('Space', 'Tab', 'ArrowRight', 'ArrowRight');
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme'), wait).toBe('dark');
    await press('Tab', 'ArrowLeft');
    const cursor = page.locator('.chart').first().locator('.u-cursor-x');
    // A chart has nothing to point at before its second reading.
    const isShown = async () => {
      await press('Home');
      return cursor.isVisible();
    };
    await expect.poll(isShown, wait).toBe(true);
    for (let tabs = 0; tabs < 20 && !(await isOnRoute()); tabs += 1) await press('Tab');
    await press('Enter');
    await expect.poll(() => page.locator('.chart .note').first().textContent(), wait).toBe('GET /things/:id');
  });

  test('says when /metrics stops answering, and keeps what it has', { timeout: PAGE_MS }, async () => {
    const server = await startPortal();
    const { page } = await browser.open(`${server.url}/portal`, desktop);
    await server.send(5);
    await expect.poll(() => readTotals(page), wait).toEqual({ 'GET /things/:id': 5 });
    await server.close();
    await expect.poll(() => page.getByRole('alert').textContent(), wait).toContain('has stopped answering');
    expect(await readTotals(page)).toEqual({ 'GET /things/:id': 5 });
  });

  test('where metrics are for operators it asks for X-Admin-Token', { timeout: PAGE_MS }, async () => {
    const callers = createCallers({
      authTokens: new Map(),
      adminToken: 'the-admin-token',
      trustUserHeader: false,
    });
    const exposure = { docs: 'operators', metrics: 'operators', callers } as const;
    const { url } = await startPortal({ exposure });
    const { page } = await browser.open(`${url}/portal`, { ...phone, reducedMotion: 'reduce' });
    const field = page.getByLabel('X-Admin-Token', { exact: true });
    await field.fill('a-wrong-token');
    expect(await seriousFaults(page)).toEqual([]);
    await field.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent(), wait).toContain('does not accept');
    await field.fill('the-admin-token');
    await field.press('Enter');
    await page.locator('.tile').first().waitFor();
    expect(await field.count()).toBe(0);
  });

  test('works under a prefix in an app of its own, and says where there are no metrics', {
    timeout: PAGE_MS,
  }, async () => {
    const app = express().use('/shop', createPortalRouter({ metricsPath: '/shop/metrics' }));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const { page, foreign } = await browser.open(`http://127.0.0.1:${port}/shop/portal`, desktop);
    const heading = page.getByRole('heading', { level: 2 });
    await expect.poll(() => heading.textContent(), wait).toBe('No metrics at /shop/metrics');
    expect(foreign).toEqual([]);
  });
});

describe('the files of the portal', () => {
  test('keep to a policy that allows nothing from elsewhere, and one inline script by its hash', async () => {
    const { request } = await startPortal();
    const policy = (await request('GET', '/portal')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none';script-src 'self' 'sha256-[\w+/=]{44}';style-src 'self';connect-src 'self'/,
    );
    expect(policy).not.toContain('unsafe');
  });

  test('there is one copy of Preact, and paths that are no files of the page are unknown', async () => {
    const { request } = await startPortal();
    const { text } = await request('GET', '/portal');
    const [, map = ''] = /<script type="importmap">(.*)<\/script>/.exec(text) ?? [];
    expect(map.match(/\/preact\.mjs/g)).toHaveLength(1);
    const paths = [...map.matchAll(/"(\/portal\/[^"]+)"/g)].map(([, path = '']) => path);
    for (const path of paths) expect((await request('GET', path)).status, path).toBe(200);
    for (const path of ['/portal/portal/portal-router.ts', '/portal/..%2fpackage.json/x', '/portal/a/b'])
      expect((await request('GET', path)).status, path).toBe(404);
  });

  test('where nobody may see metrics on this port, there is no portal', async () => {
    const { request } = await startPortal({ exposure: { docs: 'nobody', metrics: 'nobody' } });
    expect((await request('GET', '/portal')).status).toBe(404);
  });
});
