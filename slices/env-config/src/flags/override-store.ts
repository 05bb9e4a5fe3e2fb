import { type Executor, transact } from '@lab/shared/database';

export type FlagTables = {
  flag_overrides: {
    key: string;
    enabled: number | null;
    rollout_percent: number | null;
    variant: string | null;
    updated_at: number;
  };
};

/** What an operator has set. What is null is as the file says. */
export interface Override {
  readonly key: string;
  readonly enabled: boolean | null;
  readonly rolloutPercent: number | null;
  readonly variant: string | null;
}

/** What is undefined stays; null goes back to what the file says. */
export interface OverrideChange {
  readonly enabled?: boolean | null | undefined;
  readonly rolloutPercent?: number | null | undefined;
  readonly variant?: string | null | undefined;
}

const fromRow = ({ key, enabled, rollout_percent, variant }: FlagTables['flag_overrides']): Override => ({
  key,
  enabled: enabled === null ? null : enabled === 1,
  rolloutPercent: rollout_percent,
  variant,
});

const toColumns = ({ enabled, rolloutPercent, variant }: OverrideChange) => ({
  ...(enabled !== undefined && { enabled: enabled === null ? null : Number(enabled) }),
  ...(rolloutPercent !== undefined && { rollout_percent: rolloutPercent }),
  ...(variant !== undefined && { variant }),
});

/** Overrides of flags, one row for each key. */
export const createOverrideStore = (db: Executor<FlagTables>, { now }: { readonly now: () => Date }) => ({
  list: async (): Promise<readonly Override[]> => {
    const rows = await db.selectFrom('flag_overrides').selectAll().orderBy('key').execute();
    return rows.map(fromRow);
  },

  /**
   * Changes the given members in one statement: changes of different members at once are all kept, of the same member the
   * last one is. Safe to repeat. In a transaction, so that what the server adds to each write, such as an audit entry,
   * commits with it.
   */
  change: async (key: string, change: OverrideChange): Promise<Override> => {
    const columns = { ...toColumns(change), updated_at: now().getTime() };
    const row = await transact(db, (trx) =>
      trx
        .insertInto('flag_overrides')
        .values({ key, enabled: null, rollout_percent: null, variant: null, ...columns })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
    return fromRow(row);
  },
});

export type OverrideStore = ReturnType<typeof createOverrideStore>;
