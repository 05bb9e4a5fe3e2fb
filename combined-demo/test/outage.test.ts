import { createSeededRandom, onDatabase, openTcpRelay, startApp } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { alice, openDemo, operator } from './demo-app.ts';
import { createWriter, newLedger, readBack, wrongLines } from './writing-client.ts';

const WRITERS = 8;
const WRITES = 230;
const WRITES_BETWEEN_BLOWS = 40;

onDatabase('postgres', (engine) => {
  it('answers every write while its connections are terminated, and loses no acknowledged write', async () => {
    const { db, url } = await engine.open();
    const demo = await openDemo(url);
    const server = await startApp(demo.app);
    const ledger = newLedger();
    const writer = createWriter(server.url, ledger, createSeededRandom(7));
    const endConnections = sql<{ ended: number }>`select count(pg_terminate_backend(pid)) as ended
      from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    let ended = 0;
    let sent = 0;
    const writeOn = async (): Promise<void> => {
      while (sent < WRITES) {
        sent += 1;
        const writing = writer.write();
        const isTimeForABlow = sent % WRITES_BETWEEN_BLOWS === 0;
        if (isTimeForABlow) ended += (await endConnections.execute(db)).rows[0]?.ended ?? 0;
        await writing;
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writeOn));
    expect(ended).toBeGreaterThan(0);
    expect(ledger.answers).toBe(WRITES);

    const failures = ledger.failures.length;
    await writer.repeatGifts();
    expect(ledger.failures).toHaveLength(failures);
    expect(ledger.surprises).toEqual([]);
    const { quantities, gifts } = await readBack(demo.db);
    expect(wrongLines(ledger, quantities)).toEqual([]);
    expect(gifts).toEqual([...ledger.gifts.keys()].toSorted());
  });

  it('reports that it is not ready while the database is down or frozen, refuses requests, and recovers', async () => {
    const { url } = await engine.open();
    const relay = await openTcpRelay(url);
    const { app } = await openDemo(relay.url);
    const { request } = await startApp(app);
    const statusOf = async (...parameters: Parameters<typeof request>) =>
      (await request(...parameters)).status;
    const gift = { user_id: '1', sku: 'MOCHI-6', idempotency_key: 'during the outage' };
    const grant = () => request('POST', '/gift', { headers: operator, json: gift });

    relay.cut();
    await expect.poll(() => statusOf('GET', '/health')).toBe(503);
    const refused = [
      await request('GET', '/products'),
      await request('GET', '/carts/me', { headers: alice }),
      await request('GET', '/gifts', { headers: alice }),
      await grant(),
    ];
    for (const { body } of refused) expect(body).toMatchObject({ status: 503, code: 'service_unavailable' });
    expect(await statusOf('GET', '/health/live')).toBe(200);
    expect(await statusOf('POST', '/echo', { json: { message: 'still here' } })).toBe(200);

    relay.restore();
    await expect.poll(() => statusOf('GET', '/health')).toBe(200);
    expect(await statusOf('GET', '/products')).toBe(200);
    const granted = await grant();
    expect([granted.status, granted.headers.has('idempotent-replayed')]).toEqual([201, false]);

    relay.freeze();
    expect([await statusOf('GET', '/health'), await statusOf('GET', '/health/live')]).toEqual([503, 200]);
    relay.restore();
    await expect.poll(() => statusOf('GET', '/health')).toBe(200);
    expect((await grant()).text).toBe(granted.text);
  });
});
