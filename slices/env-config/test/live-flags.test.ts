import { migrate } from '@lab/shared/database';
import { eachDatabase, onDatabase, onRedis, startExpress, startServerProcess } from '@lab/testing';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { createLiveFlags } from '../src/flags/live-flags.ts';
import { type FlagTables, flagMigrations } from '../src/index.ts';
import { createFlagFile, operator, runFlags, sampleFlags } from './flags-app.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
const off = { ...sampleFlags, steady: { ...sampleFlags.steady, enabled: false } };

eachDatabase((engine) => {
  const open = async () => {
    const { db } = await engine.open<FlagTables>();
    await migrate(db, [flagMigrations]);
    const file = createFlagFile();
    const { flags, registry, lines } = await runFlags(db, file.file);
    const metrics = async () =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith('flag_'));
    return { db, flags, lines, metrics, ...file };
  };

  it('follows the file, and keeps the last good one while the file is broken or gone', async () => {
    const { flags, write, writeFlags, lines, metrics } = await open();
    writeFlags(off);
    await flags.refresh();
    expect(await flags.isOn('steady')).toBe(false);
    expect(flags.client.providerStatus).toBe('READY');

    for (const broken of ['{', '{"flags":{}, "more": 1}', '']) {
      write(broken);
      await flags.refresh();
      await flags.refresh();
      expect(await flags.isOn('welcome_offer')).toBe(true);
      expect(flags.client.providerStatus).toBe('STALE');
    }
    expect(lines.filter((line) => line.includes('the last good one stays in force'))).toHaveLength(3);
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'flag_readings_total{source="file",outcome="failed"} 6',
        'flag_source_sound{source="file"} 0',
      ]),
    );

    writeFlags(sampleFlags);
    await flags.refresh();
    expect(await flags.isOn('steady')).toBe(true);
    expect(flags.client.providerStatus).toBe('READY');
    expect(await metrics()).toContain('flag_source_sound{source="file"} 1');
  });

  it('keeps the last overrides while the database is gone', async () => {
    const { db, flags, metrics } = await open();
    await flags.change('steady', { enabled: false });
    await db.destroy();
    await flags.refresh();
    expect(await flags.isOn('steady')).toBe(false);
    expect(await flags.isOn('welcome_offer')).toBe(true);
    expect(await metrics()).toContain('flag_source_sound{source="overrides"} 0');
  });

  it('does not change a flag within a request, and does change it for the next', async () => {
    const { flags } = await open();
    const app = express();
    app.get('/', flags.perRequest, async (_req, res) => {
      const first = await flags.isOn('steady');
      await flags.change('steady', { enabled: !first });
      res.json([first, await flags.isOn('steady')]);
    });
    const request = await startExpress(app);
    expect((await request('GET', '/')).body).toEqual([true, true]);
    expect((await request('GET', '/')).body).toEqual([false, false]);
  });

  it('never rejects, whatever is asked', async () => {
    const { flags } = await open();
    for (const key of ['missing', 'color', '__proto__', '']) expect(await flags.isOn(key, 7)).toBe(false);
    expect(await flags.isOn('half')).toBe(false);
    expect(await flags.isOn('steady', '\0\ud800')).toBe(true);
  });
});

describe('refreshes', () => {
  it('take turns, so that a slow reading of an older state does not replace a newer one', async () => {
    const readings: PromiseWithResolvers<void>[] = [];
    let stored: boolean | null = null;
    const live = createLiveFlags({
      readFile: async () => JSON.stringify({ flags: sampleFlags }),
      readOverrides: async () => {
        const overrides = [{ key: 'steady', enabled: stored, rolloutPercent: null, variant: null }];
        const reading = Promise.withResolvers<void>();
        readings.push(reading);
        await reading.promise;
        return overrides;
      },
    });
    const finish = async (index: number) => {
      await expect.poll(() => readings.length, { interval: 1 }).toBeGreaterThan(index);
      readings[index]?.resolve();
    };
    const started = live.start();
    await finish(0);
    await started;
    const older = live.refresh();
    await expect.poll(() => readings.length, { interval: 1 }).toBe(2);
    stored = false;
    const newer = [live.refresh(), live.refresh(), live.refresh()];
    await finish(1);
    await older;
    await finish(2);
    await Promise.all(newer);
    expect(live.current().get('steady')?.enabled).toBe(false);
    expect(readings).toHaveLength(3);
  });
});

const startTwo = async (url: string, env: NodeJS.ProcessEnv) => {
  const { file } = createFlagFile();
  const start = () =>
    startServerProcess(SERVER, { env: { DATABASE_URL: url, FLAGS_FILE: file, LOG_LEVEL: 'info', ...env } });
  const [first, second] = await Promise.all([start(), start()]);
  const change = (json: object) =>
    fetch(`${first.url}/flags/steady`, {
      method: 'PUT',
      headers: { ...operator, 'Content-Type': 'application/json' },
      body: JSON.stringify(json),
    });
  const isOnThere = async () => {
    const answer: unknown = await (await fetch(`${second.url}/flags/steady`)).json();
    return answer;
  };
  return { second, change, isOnThere };
};

eachDatabase((engine) => {
  it('another process follows a change within five seconds, with the default settings', async () => {
    const { url } = await engine.open();
    const { change, isOnThere } = await startTwo(url, {});
    const changedAtMs = performance.now();
    expect((await change({ enabled: false })).status).toBe(200);
    await expect.poll(isOnThere, { timeout: 5000 }).toMatchObject({ value: false });
    expect(performance.now() - changedAtMs).toBeLessThan(5000);
  }, 30_000);
});

await onRedis(({ url: REDIS_URL }) => {
  onDatabase('sqlite', (engine) => {
    it('another process follows a change long before its next reading', async () => {
      const { url } = await engine.open();
      const { change, isOnThere } = await startTwo(url, { REDIS_URL, FLAGS_POLL_MS: '5000' });
      const follows = (value: boolean, timeout: number) =>
        expect.poll(isOnThere, { timeout, interval: 20 }).toMatchObject({ value });
      await change({ enabled: false });
      await follows(false, 10_000);
      for (const enabled of [true, false, true, false]) {
        await change({ enabled });
        await follows(enabled, 1000);
      }
    }, 30_000);
  });
});
