/** What goes wrong with a trail, in the naive way and in ours. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openNotes, type Way } from './notes.ts';

const KILLED = fileURLToPath(new URL('killed.ts', import.meta.url));
const KILLS = 5;
const AT_ONCE = 100;

/** A process is killed when its write is committed, five times. Counts the writes that have no entry. */
export const countUnrecorded = async (way: Way): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-notes-'));
  const url = `sqlite:${join(folder, 'notes.db')}`;
  try {
    for (let killed = 0; killed < KILLS; killed += 1) {
      const child = fork(KILLED, [url, way, `note-${killed}`], { execArgv: [] });
      const [, signal] = await once(child, 'exit');
      if (signal !== 'SIGKILL') throw new Error('the process was not killed');
    }
    const { readTrail, countNotes, close } = await openNotes(url);
    const { chained, waiting } = await readTrail(way);
    const unrecorded = (await countNotes()) - chained.length - waiting;
    await close();
    return unrecorded;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A hundred clients write at once. Counts the entries that follow one that another entry follows as well. */
export const countForks = async (way: Way): Promise<number> => {
  const { ways, readTrail, close } = await openNotes('sqlite::memory:');
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => ways[way](`note-${index}`)));
    for (;;) {
      const { chained } = await readTrail(way);
      if (chained.length === AT_ONCE) return AT_ONCE - new Set(chained.map((each) => each.prev_hash)).size;
      await wait(20);
    }
  } finally {
    await close();
  }
};
