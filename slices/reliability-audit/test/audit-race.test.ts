import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '@lab/shared/database';
import { createSeededRandom, type DatabaseEngine, eachDatabase, onDatabase } from '@lab/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createWatch } from '../src/audit/abandoned-entries.ts';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import type { AuditTables } from '../src/audit/audit-statements.ts';
import { verifyChain } from '../src/audit/audit-verify.ts';
import { auditMigrations } from '../src/index.ts';

// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 40 : 1;
const PROCESSES = 4;
const LONGEST_LIFE_MS = 400;
const LONGEST_SLEEP_MS = 200;
const script = fileURLToPath(new URL('audit-appender.ts', import.meta.url));

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
};

/** Stops a process for a while, perhaps while it seals. */
const freeze = async (child: ChildProcess | undefined, ms: number): Promise<void> => {
  child?.kill('SIGSTOP');
  await wait(ms);
  child?.kill('SIGCONT');
};

/** Starts a process; resolves when it is appending. What it acknowledges is added to the list. */
const startAppender = async (url: string, bug: string, acknowledged: string[]): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [script, url, bug], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'lab-compile-cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => kill(child));
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') ready.resolve();
    else acknowledged.push(line);
  });
  child.once('exit', () => ready.reject(new Error('an appender ended early')));
  await ready.promise;
  return child;
};

interface Race {
  readonly kills: number;
  readonly processes?: number;
  readonly bug?: string;
}

/** Processes that append at once, of which one after another is killed and replaced, while another is frozen. Each of them also seals. */
const race = async (engine: DatabaseEngine, { kills, processes = PROCESSES, bug = '' }: Race) => {
  const { db, url } = await engine.open<AuditTables>();
  await migrate(db, [auditMigrations]);
  const acknowledged: string[] = [];
  const start = () => startAppender(url, bug, acknowledged);
  const children = await Promise.all(Array.from({ length: processes }, start));
  const random = createSeededRandom(20_261_128);
  for (let killed = 0; killed < kills; killed += 1) {
    await wait(random() * LONGEST_LIFE_MS);
    await freeze(children.at(-1), random() * LONGEST_SLEEP_MS);
    const [oldest] = children.splice(0, 1);
    if (oldest) await kill(oldest);
    children.push(await start());
  }
  await Promise.all(children.map(kill));
  // Another process finds all of them silent, gives up what they have started, and seals the rest.
  const look = createWatch(db, { leaseMs: 0 });
  for (let looks = 0; looks < 2; looks += 1) await look();
  while ((await sealBatch(db)) > 0);
  const entries = await db.selectFrom('audit_entries').select(['seq', 'request_id', 'outcome']).execute();
  const pending = await db.selectFrom('audit_pending').select('id').execute();
  return { acknowledged, entries, pending, verdict: await verifyChain(db) };
};

const lost = ({ acknowledged, entries }: Awaited<ReturnType<typeof race>>): string[] => {
  const known = new Set(entries.map(({ request_id }) => request_id));
  return acknowledged.filter((id) => !known.has(id));
};

eachDatabase((engine) => {
  it(`keeps one chain without gaps, and every acknowledged entry, while processes are frozen and killed (${KILLS})`, async () => {
    const outcome = await race(engine, { kills: KILLS });
    const { acknowledged, entries, pending, verdict } = outcome;
    expect(acknowledged.length).toBeGreaterThan(PROCESSES);
    expect(lost(outcome)).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, head: { seq: entries.length } });
    expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(entries.length);
    expect(pending).toEqual([]);
    // Whatever was acknowledged was completed; whatever was cut off in between is unknown.
    const unknown = entries
      .filter(({ outcome: how }) => how === 'unknown')
      .map(({ request_id }) => request_id);
    expect(unknown.filter((id) => acknowledged.includes(id))).toEqual([]);
    if (isFull) console.log(`${engine.name}: ${entries.length} entries, ${unknown.length} unknown`);
  }, 600_000);
});

onDatabase('sqlite', (engine) => {
  it('(detector) sees entries that were acknowledged before they were on disk', async () => {
    let seen = 0;
    for (let round = 0; round < 5 && seen === 0; round += 1) {
      seen = lost(await race(engine, { kills: 1, processes: 2, bug: 'acknowledged early' })).length;
    }
    expect(seen).toBeGreaterThan(0);
  }, 600_000);
});
