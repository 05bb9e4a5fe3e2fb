import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { ROOT } from '../lab/workspace.ts';
import { onDatabase } from '../testing/src/index.ts';

const [, block = ''] =
  /```sh\n(createdb[\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/running-at-scale.md'), 'utf8')) ?? [];
const settings = block.split('\n').filter((line) => line.startsWith('export '));
const start = 'exec node lab/run.ts slice=combined-demo';
const options = { cwd: ROOT, env: withCommandsOf(ROOT, { PATH: process.env.PATH }) };

test('docs/running-at-scale.md has a block of settings that ends with the start', () => {
  expect(settings.join('\n')).toContain('APP_ENV=production');
  expect(block.trimEnd().split('\n').at(-1)).toBe('make demo');
});

const development = {
  AUTH_TOKENS: 'secret-of-carol=3,demo-alice=1',
  ADMIN_TOKEN: 'dev-admin-token',
  CURSOR_SECRET: 'development-cursor-secret',
  STRIPE_SECRET_KEY: 'sk_test_smallprovider',
  PAYMENT_WEBHOOK_SECRETS: 'whsec_development_secret',
};

test.each(Object.entries(development))(
  'the demo does not start in production without %s, or with its development value',
  async (name, value) => {
    for (const [change, fault] of [
      [`unset ${name}`, 'is required in production'],
      [`export ${name}=${value}`, 'is a development secret, which production does not accept'],
    ]) {
      const script = [...settings, 'export DATABASE_URL=sqlite::memory: PORT=0', change, start].join('\n');
      const ended = promisify(execFile)('bash', ['-c', script], options);
      await expect(ended).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${name}: ${fault}`),
      });
    }
  },
  30_000,
);

onDatabase('postgres', (engine) => {
  test('the settings of docs/running-at-scale.md start the demo, and it accepts only their tokens', async () => {
    const { url } = await engine.open();
    const script = [...settings, `export DATABASE_URL=${url} HOST=127.0.0.1 PORT=0`, start].join('\n');
    const server = spawn('bash', ['-c', script], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(server, 'exit');
    try {
      for await (const line of createInterface(server.stdout)) {
        const [, address] = /"url":"([^"]+)"/.exec(line) ?? [];
        if (address === undefined) continue;
        const statuses = [
          await fetch(`${address}/health`),
          await fetch(`${address}/products?limit=1`),
          await fetch(`${address}/carts/me`, { headers: { 'X-User-Id': '1' } }),
          await fetch(`${address}/carts/me`, { headers: { Authorization: 'Bearer demo-alice' } }),
          await fetch(`${address}/gifts`, { headers: { 'X-Admin-Token': 'dev-admin-token' } }),
          await fetch(`${address}/`),
          await fetch(`${address}/docs`),
          await fetch(`${address}/metrics`),
        ].map(({ status }) => status);
        expect(statuses).toEqual([200, 200, 401, 401, 401, 401, 401, 401]);
        server.kill('SIGTERM');
      }
      expect(await ended).toEqual([0, null]);
    } finally {
      server.kill('SIGKILL');
    }
  }, 60_000);
});
