import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { listServers, ROOT } from '../lab/workspace.ts';

const env = withCommandsOf(ROOT, { ...process.env, DATABASE_URL: 'sqlite::memory:' });
const command = ['lab/run.ts'];

test.each([[], ['slice=nothing']])(
  'without a known slice (%s), lists the slices and exits with 2',
  (...args) => {
    const { status, stderr } = spawnSync('node', [...command, ...args], { cwd: ROOT, env, encoding: 'utf8' });
    expect(status).toBe(2);
    for (const { id } of listServers()) expect(stderr).toContain(`make run slice=${id}`);
  },
);

test.each(listServers())(
  '$id logs which Node runs it, and stops cleanly on a signal',
  { timeout: 30_000 },
  async ({ id }) => {
    const server = spawn('node', [...command, `slice=${id}`, 'PORT=0'], { cwd: ROOT, env });
    const ended = once(server, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(server.stdout)) {
      lines.push(line);
      if (line.includes('listening')) server.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(lines.find((line) => line.includes('listening'))).toContain(`"node":"${process.version}"`);
  },
);
