import { z } from 'zod';

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;

/** Query parameters that every list has: `z.strictObject({ ...listQuery, sort: ... })`. */
export const listQuery = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .transform(Number)
    .prefault(String(DEFAULT_LIMIT))
    .meta({ description: `Most items of the page, 1 to ${MAX_LIMIT}`, example: '5' }),
  // Any text: what is wrong with a cursor is told by its own problem.
  cursor: z
    .string()
    .optional()
    .meta({ description: '`next_cursor` of the page before; absent: the first page' }),
};

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
