import { createRouter, defineRoute, rawBody, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createNotesApp } from './fixtures/notes-app.ts';

const about = { name: 'one', summary: 'One', tag: 'test', path: '/one' } as const;
const nothing = { 204: { description: 'Nothing' } };

const curlOf = async (app: ReturnType<typeof createTestApp>): Promise<string> => {
  const { text } = await (await startApp(app)).request('GET', '/');
  return /<pre><code>(curl [^<]*)</.exec(text)?.[1] ?? '';
};

describe('the front page', () => {
  test('says what the server is and links to its documentation', async () => {
    const { request } = await startApp(createNotesApp({ description: 'Keeps `notes` & <b>more</b>.' }));
    const { text } = await request('GET', '/');
    expect(text).toContain('<p>Keeps <code>notes</code> &amp; &lt;b&gt;more&lt;/b&gt;.</p>');
    for (const path of ['/docs', '/problems', '/openapi.json', '/metrics', '/health']) {
      expect(text).toContain(`href="${path}"`);
    }
    expect(text).not.toContain('<script');
  });

  test('names the tokens of development only where they are accepted', async () => {
    const named = await startApp(createNotesApp({ namesDemoTokens: true }));
    expect((await named.request('GET', '/')).text).toContain('demo-alice');
    const { request } = await startApp(createNotesApp());
    const { text } = await request('GET', '/');
    expect(text).not.toContain('demo-alice');
    expect(text).toContain('Authorization: Bearer $TOKEN');
    expect((await request('GET', '/openapi.json')).text).not.toContain('demo-alice');
  });

  test('is there only where the documentation is, and so is the list of error codes', async () => {
    const exposure = { docs: 'nobody', metrics: 'everybody' } as const;
    const { request } = await startApp(createNotesApp({ exposure }));
    for (const path of ['/', '/problems']) {
      expect(await request('GET', path), path).toMatchObject({ status: 404 });
    }
    const { status, text } = await request('GET', '/problems/note_locked');
    expect(status).toBe(200);
    expect(text).not.toMatch(/\/notes|href="\/(?:docs|problems)"/);
  });

  test('gives way to a front page of a router', async () => {
    const contract = defineRoute({ ...about, method: 'GET', path: '/', responses: nothing });
    const own = createRouter([route(contract).handle(() => ({ status: 204 }))]);
    expect(await (await startApp(createTestApp([own]))).request('GET', '/')).toMatchObject({ status: 204 });
  });
});

describe('a curl command', () => {
  test('quotes what a shell would read', async () => {
    const body = z.strictObject({ text: z.string() }).meta({ example: { text: "it's $HOME" } });
    const contract = defineRoute({ ...about, method: 'POST', body, responses: nothing });
    const app = createTestApp([createRouter([route(contract).handle(() => ({ status: 204 }))])]);
    const quote = '&#39;';
    expect(await curlOf(app)).toContain(
      `-d ${quote}{&quot;text&quot;:&quot;it${quote}\\${quote}${quote}s $HOME&quot;}${quote}`,
    );
  });

  test('has the examples of parameters and headers, and leaves out what has none', async () => {
    const contract = defineRoute({
      ...about,
      method: 'GET',
      path: '/one/:id',
      params: z.strictObject({ id: z.string().meta({ example: 'a b' }) }),
      query: z.strictObject({
        limit: z.string().optional().meta({ example: '5' }),
        cursor: z.string().optional(),
      }),
      headers: z.object({ 'if-note': z.string().optional().meta({ example: 'x' }) }),
      responses: nothing,
    });
    const app = createTestApp([createRouter([route(contract).handle(() => ({ status: 204 }))])]);
    const curl = (await curlOf(app)).replaceAll('&#39;', "'");
    expect(curl).toBe("curl 'http://lab.test/one/a%20b?limit=5' \\\n  -H 'if-note: x'");
  });

  test('sends bytes from a file', async () => {
    const contract = defineRoute({
      ...about,
      method: 'POST',
      body: rawBody({ mediaTypes: ['text/csv'], limitBytes: 8 }),
      responses: nothing,
    });
    const app = createTestApp([createRouter([route(contract).handle(() => ({ status: 204 }))])]);
    expect(await curlOf(app)).toContain('--data-binary @FILE');
  });
});
