/**
 * Problem: OFFSET counts rows, so a page costs as much as all pages before it, and each row inserted or deleted before
 * it shifts the rest: rows are repeated or dropped.
 * Guarantees: the next page starts after the position of the last row in a total order, whatever happened to other
 * rows. With an index in that order, a page costs the same at any depth.
 * Does NOT guarantee: a snapshot. A row whose sort key changes while a client pages may be repeated or dropped.
 */
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Position } from './cursor.ts';

/** One column of the order. */
interface KeysetColumn {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  /** Where nulls sort. Required for nullable columns, because the engines' defaults differ. */
  readonly nulls?: 'first' | 'last';
}

/** The columns of an order, most significant first. The last must be unique and not null, to break all ties. */
export type Keyset = readonly KeysetColumn[];

/** `ORDER BY` of a keyset: `.orderBy(keysetOrder(keyset))`. */
export const keysetOrder = (keyset: Keyset): RawBuilder<unknown> =>
  sql.join(
    keyset.map(({ column, direction, nulls }) => {
      const ordered = sql`${sql.ref(column)} ${sql.raw(direction)}`;
      return nulls === undefined ? ordered : sql`${ordered} nulls ${sql.raw(nulls)}`;
    }),
  );

/** A value of a position, or its placeholder in a prepared query. */
type Value = Position[number] | Expression<unknown>;

const laterInColumn = (
  { direction, nulls }: KeysetColumn,
  reference: Expression<unknown>,
  value: Value,
): Expression<SqlBool> => {
  if (value === null) return nulls === 'first' ? sql`${reference} is not null` : sql`1 = 0`;
  const later = sql<SqlBool>`${reference} ${sql.raw(direction === 'asc' ? '>' : '<')} ${value}`;
  return nulls === 'last' ? sql`(${later} or ${reference} is null)` : later;
};

const sameInColumn = (reference: Expression<unknown>, value: Value): Expression<SqlBool> =>
  value === null ? sql`${reference} is null` : sql`${reference} = ${value}`;

/** Lexicographic order spelled out: later in the first column, or the same there and later in the rest. */
const laterFrom = (keyset: Keyset, values: readonly Value[]): Expression<SqlBool> => {
  const [first, ...rest] = keyset;
  const [value = null, ...others] = values;
  if (first === undefined) return sql`1 = 0`;
  const reference = sql.ref(first.column);
  const later = laterInColumn(first, reference, value);
  if (rest.length === 0) return later;
  return sql`(${later} or (${sameInColumn(reference, value)} and ${laterFrom(rest, others)}))`;
};

/**
 * Selects the rows after a position: `.where(keysetAfter(keyset, position))`. If all columns have the same direction
 * and none is nullable, the condition is a row value comparison (SQL-92), which both engines look up in an index as one
 * range. Throws a RangeError unless the position has as many values as the keyset has columns.
 */
export const keysetAfter = (keyset: Keyset, position: readonly Value[]): Expression<SqlBool> => {
  if (position.length !== keyset.length) throw new RangeError('the position does not fit this keyset');
  const direction = keyset[0]?.direction;
  const isPlain = keyset.every((key) => key.direction === direction && key.nulls === undefined);
  if (!isPlain) return laterFrom(keyset, position);
  const columns = sql.join(keyset.map(({ column }) => sql.ref(column)));
  return sql<SqlBool>`(${columns}) ${sql.raw(direction === 'asc' ? '>' : '<')} (${sql.join(position)})`;
};
