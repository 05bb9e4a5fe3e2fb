/**
 * Problem: a client that got no answer sends its request again, and each attempt stores another note.
 * The idea: the client chooses the id. The primary key lets one attempt in; the others find what that one stored.
 * Guarantees: all attempts with one id, at once or later, in any number of processes, store one note, and each attempt
 * for the same content is answered with that note.
 * Does NOT guarantee: that different clients choose different ids (let them send UUIDs).
 */
import type { Executor } from '@lab/shared/database';

export type CacheMetricsTables = {
  cache_metrics_notes: { id: string; content: string; created_at: number };
};

export interface Note {
  readonly id: string;
  readonly content: string;
  readonly createdAt: Date;
}

/** `stored`: by this attempt or by an earlier one. `taken`: the id belongs to a note with other content. */
export type PutOutcome = { readonly state: 'stored'; readonly note: Note } | { readonly state: 'taken' };

const fromRow = ({ id, content, created_at }: CacheMetricsTables['cache_metrics_notes']): Note => ({
  id,
  content,
  createdAt: new Date(created_at),
});

/** Notes by id. Made on a transaction, it works inside of that one. */
export const createNoteStore = (db: Executor<CacheMetricsTables>, { now }: { readonly now: () => Date }) => ({
  put: async ({ id, content }: Pick<Note, 'id' | 'content'>): Promise<PutOutcome> => {
    const inserted = await db
      .insertInto('cache_metrics_notes')
      .values({ id, content, created_at: now().getTime() })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted) return { state: 'stored', note: fromRow(inserted) };
    const earlier = db.selectFrom('cache_metrics_notes').selectAll().where('id', '=', id);
    const note = fromRow(await earlier.executeTakeFirstOrThrow());
    return note.content === content ? { state: 'stored', note } : { state: 'taken' };
  },
});

export type NoteStore = ReturnType<typeof createNoteStore>;
