import { startApp } from '@lab/testing';
import { afterAll, expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { createNotesApp } from './fixtures/notes-app.ts';
import { rawExchange } from './fixtures/raw-exchange.ts';

const captured = createCapturedLogger();
const { request, port } = await startApp(createNotesApp({ logger: captured.logger }));
const card = '4929384756102938';

afterAll(() => {
  expect(captured.lines().length).toBeGreaterThan(8);
  expect(captured.text()).not.toMatch(/4929384756102938|alice-token|the-admin-token/);
});

test('nothing that was received in a body, a query, a path or a header is logged', async () => {
  const json = { text: card, card_number: card, cvc: card };
  await request('POST', '/notes', { json });
  await request('POST', '/notes', { json: { text: card } });
  await request('POST', '/notes', {
    headers: { 'Content-Type': 'application/json' },
    text: `{"text":"${card}`,
  });
  await request('GET', `/notes/${card}?card=${card}`, { headers: { 'If-Note': card } });
  await request('GET', `/${card}`);
  await request('GET', `/notes/${card}%zz`);
  await request('GET', '/me', { headers: { Authorization: 'Bearer alice-token', Cookie: card } });
  await request('GET', '/me', { headers: { Authorization: `Bearer ${card}` } });
  await request('DELETE', '/notes', { headers: { 'X-Admin-Token': 'the-admin-token' } });
  await rawExchange(
    port,
    `POST /notes HTTP/1.1\r\nHost: ${card}\r\nContent-Length: 99\r\nContent-Type: application/json\r\n\r\n${card}`,
  );
});

test('not even where the handler fails', async () => {
  const response = await request('POST', '/notes', { json: { text: `fail ${card}` } });
  expect(response).toMatchObject({ status: 500 });
  expect(response.text).not.toContain(card);
});
