import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createHttpServer } from '@lab/shared/http';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';
import { openServer, openSocket } from './fixtures/open-server.ts';

const limitBytes = 102_400;
const lingerBytes = 1_048_576;
// What one read may bring beyond it.
const slackBytes = 262_144;

const head = (...headers: readonly string[]): string =>
  `${['POST /notes HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...headers].join('\r\n')}\r\n\r\n`;

const openNotes = async (): Promise<{ port: number; sockets: readonly Socket[] }> => {
  const app = createNotesApp();
  const server: Server = createHttpServer(app.express, { publicUrl: 'http://lab.test', logger: app.logger });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  return { port: await openServer(server), sockets };
};

/** Sends a head, and then the same bytes for as long as the server lets it; gives what came back. */
const sendWithoutEnd = async (start: string, piece: Buffer) => {
  const { port, sockets } = await openNotes();
  const client = await openSocket(port);
  const closed = new Promise((resolve) => client.once('close', resolve));
  let answer = '';
  client.on('data', (chunk) => {
    answer += chunk;
  });
  const send = (): void => {
    while (!client.destroyed && client.write(piece));
  };
  client.on('drain', send).write(start);
  send();
  await closed;
  const [server] = sockets;
  return { answer, taken: server?.bytesRead ?? 0 };
};

describe('a body that is too large', () => {
  const block = Buffer.alloc(65_536, ' ');
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')]);

  test.each([
    ['of a stated length', head('Content-Length: 5000000000'), block],
    ['in chunks without end', head('Transfer-Encoding: chunked'), chunk],
  ])(
    '%s is read for a mebibyte beyond the limit at most, and the connection ends',
    async (_name, start, piece) => {
      const { answer, taken } = await sendWithoutEnd(start, piece);
      if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(taken).toBeGreaterThan(limitBytes);
      expect(taken).toBeLessThan(limitBytes + lingerBytes + slackBytes);
    },
  );

  test('is answered before the connection ends where the client stops to read', async () => {
    const { port } = await openNotes();
    const client = await openSocket(port);
    client.write(head('Content-Length: 200000'));
    client.write(Buffer.alloc(200_000, ' '));
    let answer = '';
    for await (const bytes of client) answer += bytes;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer).toContain('"payload_too_large"');
  });

  test('is refused without 100 Continue, and not a byte of it is read', async () => {
    const { port, sockets } = await openNotes();
    const client = await openSocket(port);
    const request = head('Expect: 100-continue', `Content-Length: ${limitBytes + 1}`);
    client.write(request);
    let answer = '';
    for await (const bytes of client) answer += bytes;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).not.toContain('100 Continue');
    expect(sockets[0]?.bytesRead).toBe(request.length);
  });
});

test('a body within the limit is asked for with 100 Continue', async () => {
  const { port } = await openNotes();
  const client = await openSocket(port);
  client.write(head('Expect: 100-continue', 'Content-Length: 12'));
  const [interim] = await once(client, 'data');
  expect(String(interim)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.write('{"text":"a"}');
  const [answer] = await once(client, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
});
