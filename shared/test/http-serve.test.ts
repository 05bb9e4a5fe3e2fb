import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startChild } from './fixtures/child-server.ts';

const heldServer = new URL('./fixtures/held-server.ts', import.meta.url);

// Each starts a process of its own; most of the time is its start.
const limit = { timeout: 20_000 };

/** A server with one request under way. */
const startHeld = async (env: Record<string, string> = {}) => {
  const server = startChild(heldServer, env);
  const url = await server.url();
  const held = fetch(`${url}/held`);
  // Handled here, since some tests cut it off on purpose.
  held.catch(() => undefined);
  await server.logged('held');
  return { ...server, url, held, port: Number(new URL(url).port) };
};

describe('the start', () => {
  test('is one line with URL, Node version and details', limit, async () => {
    const { logged, lines, child } = startChild(heldServer);
    expect(await logged('listening')).toMatchObject({
      level: 'info',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      node: expect.stringMatching(/^v24\./),
      database: 'none',
    });
    expect(lines).toHaveLength(1);
    child.kill('SIGKILL');
  });

  test('on a used port ends with one line that names it, and exit code 1', limit, async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await startChild(heldServer, { PORT: port }).ended();
    blocker.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} on 127.0.0.1 is in use; stop what uses it, or choose another with PORT.\n`,
    });
  });

  test('with wrong settings ends with the list of faults, and exit code 1', limit, async () => {
    const { code, stderr } = await startChild(heldServer, { PORT: 'x', LOG_LEVEL: 'loud' }).ended();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The settings are not valid:\n  - PORT: must be a whole number from 0 to 65535\n  - LOG_LEVEL: must be a pino log level\n',
    );
  });
});

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s: readiness 503, requests under way are answered, stores closed, exit code 0',
    limit,
    async (signal) => {
      const { child, url, held, logged, lines, ended } = await startHeld({ DRAIN_DELAY_MS: '1000' });
      child.kill(signal);
      expect(await logged('draining')).toMatchObject({ signal });
      const health = await fetch(`${url}/health`);
      expect([health.status, health.headers.get('connection')]).toEqual([503, 'close']);
      expect(await health.json()).toEqual({ status: 'draining', checks: {} });
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      await fetch(`${url}/release`);
      const answer = await held;
      expect([answer.status, answer.headers.get('connection')]).toEqual([204, 'close']);
      expect(await ended()).toMatchObject({ code: 0, stderr: '' });
      expect(lines.slice(-2)).toMatchObject([{ msg: 'closed' }, { msg: 'stopped', outcome: 'clean' }]);
    },
  );

  test('streams of events end, whole, and do not delay the exit', limit, async () => {
    const server = startChild(heldServer);
    const answer = await fetch(`${await server.url()}/events`);
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: 1\n\n');
    server.child.kill('SIGTERM');
    expect(await reader?.read()).toEqual({ done: true, value: undefined });
    expect(await server.ended()).toMatchObject({ code: 0, stderr: '' });
    const messages = server.lines.map(({ msg }) => msg);
    expect(messages).toContain('events ended');
    expect(server.lines.at(-1)).toMatchObject({ msg: 'stopped', outcome: 'clean' });
  });

  test('sockets that are idle, silent or half-way through a head do not delay the exit', limit, async () => {
    const server = startChild(heldServer);
    const port = Number(new URL(await server.url()).port);
    const sockets = [
      '',
      'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /health/live HTTP/1.1\r\nHo',
    ].map((bytes) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(bytes);
      return socket.on('error', () => {});
    });
    await Promise.all(sockets.map((socket) => socket.readyState === 'open' || once(socket, 'connect')));
    await once(sockets[1] ?? expect.unreachable(), 'data');
    server.child.kill('SIGTERM');
    const { code, elapsedMs } = await server.ended();
    expect(code).toBe(0);
    expect(elapsedMs).toBeLessThan(1500);
  });

  test(
    'requests that wait behind one under way do not delay the exit, and are not begun',
    limit,
    async () => {
      const server = startChild(heldServer, { DRAIN_DELAY_MS: '1000', SHUTDOWN_TIMEOUT_MS: '5000' });
      const url = await server.url();
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
      socket.resume().write('GET /held HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
      await server.logged('held');
      server.child.kill('SIGTERM');
      await server.logged('draining');
      await fetch(`${url}/release`);
      expect(await server.ended()).toMatchObject({ code: 0 });
      expect(await server.logged('stopped')).toMatchObject({ outcome: 'clean' });
      expect(server.lines.filter(({ msg }) => msg === 'held')).toHaveLength(1);
    },
  );

  test('a second one within a second is the same one', limit, async () => {
    const { child, url, held, logged, ended } = await startHeld({ DRAIN_DELAY_MS: '1000' });
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await logged('draining');
    child.kill('SIGTERM');
    await fetch(`${url}/release`);
    expect((await held).status).toBe(204);
    expect(await ended()).toMatchObject({ code: 0 });
  });

  test('a second one more than a second later ends the process at once', limit, async () => {
    const { child, logged, ended } = await startHeld();
    child.kill('SIGTERM');
    await logged('draining');
    await sleep(1100);
    child.kill('SIGTERM');
    const { code, elapsedMs } = await ended();
    expect(code).toBe(1);
    expect(elapsedMs).toBeLessThan(1000);
  });

  test('what is not answered by the deadline is cut off: exit code 1', limit, async () => {
    const { child, held, lines, ended } = await startHeld({ SHUTDOWN_TIMEOUT_MS: '300' });
    child.kill('SIGTERM');
    await expect(held).rejects.toThrow();
    const { code, elapsedMs } = await ended();
    expect(code).toBe(1);
    expect(elapsedMs).toBeLessThan(1500);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'stopped', outcome: 'cut' }));
    expect(lines).toContainEqual(expect.objectContaining({ route: '/held', status: 499, aborted: true }));
  });

  test.each([
    ['fails', 'the pool is gone'],
    ['hangs', 'not closed within 1000 ms'],
  ])('stores whose closing %s end in a log line and exit code 1', limit, async (closing, message) => {
    const server = startChild(heldServer, { CLOSING: closing });
    await server.url();
    server.child.kill('SIGTERM');
    expect(await server.ended()).toMatchObject({ code: 1, stderr: '' });
    expect(await server.logged('closing failed')).toMatchObject({ err: { message } });
  });

  test('after it the port can be had at once', limit, async () => {
    const first = startChild(heldServer);
    const { port } = new URL(await first.url());
    first.child.kill('SIGTERM');
    await first.ended();
    const second = startChild(heldServer, { PORT: port });
    expect(new URL(await second.url()).port).toBe(port);
  });
});
