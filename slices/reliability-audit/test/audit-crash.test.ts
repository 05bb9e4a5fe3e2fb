import { migrate } from '@lab/shared/database';
import {
  createSeededRandom,
  type DatabaseEngine,
  eachDatabase,
  onDatabase,
  startServerProcess,
} from '@lab/testing';
import { expect, it } from 'vitest';
import { createWatch } from '../src/audit/abandoned-entries.ts';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import type { AuditTables } from '../src/audit/audit-statements.ts';
import { verifyChain } from '../src/audit/audit-verify.ts';
import { auditMigrations } from '../src/index.ts';
import { startEchoUpstream } from './echo-upstream.ts';
import { operator } from './noted-app.ts';

const SERVER = new URL('audited-server.ts', import.meta.url);
// The full proof, with FULL_PROOF=1, takes some minutes.
const isFull = process.env.FULL_PROOF === '1';
const KILLS = isFull ? 40 : 2;
const CLIENTS = 8;
const MOST_ANSWERS_OF_A_LIFE = 150;
const SEED = 20_261_128;

type Tables = AuditTables & { notes: { id: string } };

/** What the clients and the upstream know. Each request has an id of its own. */
interface Ledger {
  sent: number;
  readonly writes: string[];
  readonly calls: string[];
  readonly surprises: string[];
}

/** Sends a write or a call. Resolves with whether it was answered. */
const sendOne = async (url: string, ledger: Ledger, isWrite: boolean): Promise<boolean> => {
  ledger.sent += 1;
  const id = `${isWrite ? 'note' : 'call'}-${ledger.sent}`;
  const [method, path] = isWrite ? ['POST', `/notes/${id}`] : ['GET', `/wrapped/${id}`];
  const answer = await fetch(`${url}${path}`, { method, headers: { 'X-Request-Id': id } })
    .then(async (response) => ({ ok: response.ok, text: `${response.status} ${await response.text()}` }))
    .catch(() => undefined);
  if (answer === undefined) return false;
  if (answer.ok) ledger[isWrite ? 'writes' : 'calls'].push(id);
  else ledger.surprises.push(`${id}: ${answer.text}`);
  return true;
};

interface Whole {
  readonly ok: boolean;
  readonly head?: string;
  readonly entries?: number;
}

/** Asks a server that has just started whether the chain is whole, and still has the head of an earlier answer. */
const verifyOver = async (url: string, kept: Whole | undefined): Promise<Whole> => {
  const query = kept ? `?head=${kept.head}&entries=${kept.entries}` : '';
  const answer = await fetch(`${url}/audit/verify${query}`, { headers: operator });
  return (await answer.json()) as Whole;
};

/** Kills the server under load, again and again, each time after a random number of answers. */
const crashLoop = async (url: string, { kills, bug = '' }: { kills: number; bug?: string }) => {
  const ledger: Ledger = { sent: 0, writes: [], calls: [], surprises: [] };
  const { url: UPSTREAM_URL, received } = await startEchoUpstream();
  const random = createSeededRandom(SEED);
  let kept: Whole | undefined;
  for (let killed = 0; killed < kills; killed += 1) {
    const env = { DATABASE_URL: url, UPSTREAM_URL };
    const server = await startServerProcess(SERVER, { env, args: [bug] });
    const answered = () => ledger.writes.length + ledger.calls.length + ledger.surprises.length;
    const lastAnswer = answered() + 20 + Math.floor(random() * MOST_ANSWERS_OF_A_LIFE);
    const keepSending = async (): Promise<void> => {
      while (await sendOne(server.url, ledger, random() < 0.5)) {
        if (answered() >= lastAnswer) await server.kill();
      }
    };
    kept = await verifyOver(server.url, kept);
    if (!kept.ok) ledger.surprises.push(`not whole after ${killed} kills`);
    await Promise.all(Array.from({ length: CLIENTS }, keepSending));
  }
  return { ledger, arrived: received.map(({ url: path = '' }) => path.slice(1)) };
};

/** Gives up what the killed processes have started, seals the rest, and reads everything. */
const readBack = async (engine: DatabaseEngine, options: { kills: number; bug?: string }) => {
  const { db, url } = await engine.open<Tables>();
  await migrate(db, [auditMigrations]);
  const { ledger, arrived } = await crashLoop(url, options);
  const look = createWatch(db.withTables<AuditTables>(), { leaseMs: 0 });
  for (let looks = 0; looks < 2; looks += 1) await look();
  while ((await sealBatch(db.withTables<AuditTables>())) > 0);
  const entries = await db.selectFrom('audit_entries').select(['request_id', 'outcome']).execute();
  const known = new Map(entries.map(({ request_id, outcome }) => [request_id, outcome]));
  const notes = (await db.selectFrom('notes').select('id').execute()).map(({ id }) => id);
  const without = (ids: readonly string[]) => ids.filter((id) => !known.has(id));
  return {
    ledger,
    entries,
    pending: await db.selectFrom('audit_pending').select('id').execute(),
    verdict: await verifyChain(db),
    notes,
    lost: { writes: without(ledger.writes), calls: without(ledger.calls), arrived: without(arrived) },
    outcomeOf: (id: string) => known.get(id),
  };
};

eachDatabase((engine) => {
  it(`has the entry of each acknowledged write and call after ${KILLS} kills under load`, async () => {
    const { ledger, entries, pending, verdict, notes, lost, outcomeOf } = await readBack(engine, {
      kills: KILLS,
    });
    expect(ledger.surprises).toEqual([]);
    expect(Math.min(ledger.writes.length, ledger.calls.length)).toBeGreaterThan(10);
    expect(lost).toEqual({ writes: [], calls: [], arrived: [] });
    // A write and its entry are there, or neither is, also where nobody got an answer.
    const recorded = entries.map(({ request_id }) => request_id);
    expect(recorded.filter((id) => id.startsWith('note-')).toSorted()).toEqual(notes.toSorted());
    // Whoever got the answer of a call finds it in the trail.
    expect(ledger.calls.filter((id) => outcomeOf(id) !== 'succeeded')).toEqual([]);
    expect(pending).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, head: { seq: entries.length } });
    if (isFull) {
      const unknown = entries.filter(({ outcome }) => outcome === 'unknown').length;
      console.log(
        `${engine.name}: ${KILLS} kills, ${ledger.writes.length} writes and ${ledger.calls.length} calls acknowledged, ${entries.length} entries, ${unknown} unknown`,
      );
    }
  }, 600_000);
});

onDatabase('sqlite', (engine) => {
  it('(detector) sees writes and calls whose entries are stored after the fact', async () => {
    const { lost, notes, entries } = await readBack(engine, { kills: 1, bug: 'late' });
    expect(lost.calls.length + lost.arrived.length).toBeGreaterThan(0);
    expect(notes.length).toBeGreaterThan(
      entries.filter(({ request_id }) => request_id.startsWith('note')).length,
    );
  }, 600_000);
});
