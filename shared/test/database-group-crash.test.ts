import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createSeededRandom, type DatabaseEngine, onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';

const KILLS = process.env.FULL_PROOF === '1' ? 200 : 5;
const MOST_WRITES = 400;
const WRITER = fileURLToPath(new URL('database-group-writer.ts', import.meta.url));

/** Lets a process write until it has acknowledged so many, kills it, and resolves with all that it has acknowledged. */
const writeAndKill = async (url: string, args: readonly string[], writes: number): Promise<string[]> => {
  const child = spawn(process.execPath, [WRITER, url, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    told.push(line);
    if (told.length === writes) child.kill('SIGKILL');
  });
  await Promise.all([once(lines, 'close'), once(child, 'exit')]);
  return told;
};

/** The acknowledged writes that are not there, and those that are there by half, after so many kills. */
const faultsAfter = async (engine: DatabaseEngine, kills: number, ...when: readonly string[]) => {
  const { db, url } = await engine.open<{ halves: { name: string } }>();
  await sql`create table halves (name text, half integer, primary key (name, half))`.execute(db);
  const random = createSeededRandom(20_261_129);
  const told = new Set<string>();
  for (let life = 0; life < kills; life += 1) {
    const writes = 1 + Math.floor(random() * MOST_WRITES);
    for (const name of await writeAndKill(url, [String(life), ...when], writes)) told.add(name);
  }
  const count = sql<number>`count(*)`.as('count');
  const rows = await db.selectFrom('halves').select(['name', count]).groupBy('name').execute();
  const counts = new Map(rows.map(({ name, count }) => [name, count]));
  const lost = [...told].filter((name) => !counts.has(name));
  return { told: told.size, lost: lost.length, halves: rows.filter(({ count }) => count !== 2).length };
};

onDatabase('sqlite', (engine) => {
  it('keeps all that it has acknowledged, and nothing by half, when it is killed', {
    timeout: 600_000,
  }, async () => {
    const { told, ...faults } = await faultsAfter(engine, KILLS);
    expect(told).toBeGreaterThan(KILLS);
    expect(faults).toEqual({ lost: 0, halves: 0 });
  });

  it('(detector) sees acknowledgments that come before the commit', { timeout: 60_000 }, async () => {
    expect((await faultsAfter(engine, 10, 'early')).lost).toBeGreaterThan(0);
  });
});
