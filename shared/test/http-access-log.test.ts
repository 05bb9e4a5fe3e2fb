import { startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { createNotesApp } from './fixtures/notes-app.ts';

test('each request has one line, with the template of its route and none of its values', async () => {
  const { logger, lines } = createCapturedLogger();
  const { request } = await startApp(createNotesApp({ logger }));
  const { headers } = await request('GET', '/notes/41?secret=1', { headers: { 'X-Request-Id': 'one' } });
  expect(headers.get('x-request-id')).toBe('one');
  await expect.poll(() => lines().filter(({ msg }) => msg === 'request')).toHaveLength(1);
  const [line] = lines().filter(({ msg }) => msg === 'request');
  expect(line).toMatchObject({ request_id: 'one', method: 'GET', route: '/notes/:id', status: 400 });
  expect(line).toEqual(
    expect.objectContaining({ duration_ms: expect.any(Number), trace_id: expect.any(String) }),
  );
  // Times and made-up ids may hold any digits.
  const told = { ...line, time: '', trace_id: '', duration_ms: 0 };
  expect(JSON.stringify(told)).not.toMatch(/41|secret/);
});

test('nothing is written below the level of the log', async () => {
  const { logger, lines } = createCapturedLogger();
  logger.level = 'warn';
  const { request } = await startApp(createNotesApp({ logger }));
  await request('GET', '/notes/1');
  expect(lines()).toEqual([]);
});
