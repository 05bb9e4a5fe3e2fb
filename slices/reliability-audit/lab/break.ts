import { migrate, openDatabase } from '@lab/shared/database';
import type { Story } from '@lab/testing/story';
import { sql } from 'kysely';
import { createNoteStore, type ReliabilityAuditTables, reliabilityAuditMigrations } from '../src/index.ts';
import { type NaiveTables, putNaively } from './naive-notes.ts';

const NOTES = 100;
const ATTEMPTS = 5;
const TRIES = 20;

/** One way to store notes, and a look at what it has stored. */
interface Way {
  /** Resolves with what the client is told. */
  readonly put: (id: string, content: string) => Promise<string>;
  readonly contents: (id: string) => Promise<readonly string[]>;
}

const openWays = async () => {
  const db = openDatabase<ReliabilityAuditTables & NaiveTables>('sqlite::memory:');
  await migrate(db, [reliabilityAuditMigrations]);
  await sql`create table naive_notes (id text, content text)`.execute(db);
  const notes = createNoteStore(db, { now: () => new Date() });
  const contentsIn = (table: 'naive_notes' | 'reliability_audit_notes') => async (id: string) =>
    (await db.selectFrom(table).select('content').where('id', '=', id).execute()).map((row) => row.content);
  const naive: Way = {
    put: (id, content) => putNaively(db, id, content),
    contents: contentsIn('naive_notes'),
  };
  const ours: Way = {
    put: async (id, content) => (await notes.put({ id, content })).state,
    contents: contentsIn('reliability_audit_notes'),
  };
  return { naive, ours, close: () => db.destroy() };
};

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Each note is sent five times at once: how many are stored beyond the first. */
const countCopies = async ({ put, contents }: Way): Promise<number> => {
  const ids = range(NOTES).map((index) => `copied-${index}`);
  await Promise.all(ids.flatMap((id) => range(ATTEMPTS).map(() => put(id, 'once'))));
  const stored = await Promise.all(ids.map(contents));
  return stored.reduce((sum, copies) => sum + copies.length - 1, 0);
};

/** An id is used for other content: how many clients are told that theirs is stored, and it is not. */
const countLosses = async ({ put, contents }: Way): Promise<number> => {
  let lost = 0;
  for (const id of range(TRIES).map((index) => `used-${index}`)) {
    await put(id, 'first');
    const told = await put(id, 'second');
    if (told === 'stored' && !(await contents(id)).includes('second')) lost += 1;
  }
  return lost;
};

const tellVictim = async ({ put, contents }: Way): Promise<string> => {
  const told = await Promise.all(range(ATTEMPTS).map(() => put('victim', 'Water the plants')));
  return `${told.filter((state) => state === 'stored').length} times "stored"; notes: ${(await contents('victim')).length}`;
};

export const breakNaive = async (): Promise<Story> => {
  const { naive, ours, close } = await openWays();
  const both = async <Result>(measure: (way: Way) => Promise<Result>) => ({
    naive: await measure(naive),
    ours: await measure(ours),
  });
  try {
    return {
      victim: {
        given: `one request to store a note, sent ${ATTEMPTS} times at once`,
        ...(await both(tellVictim)),
      },
      counts: [
        {
          what: `notes too many, where ${NOTES} requests are sent ${ATTEMPTS} times at once`,
          ...(await both(countCopies)),
        },
        { what: `notes lost that are answered as stored, of ${TRIES}`, ...(await both(countLosses)) },
      ],
    };
  } finally {
    await close();
  }
};
