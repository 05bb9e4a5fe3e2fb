import { z } from 'zod';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Query parameters that every list has: `z.strictObject({ ...listQuery, sort: ... })`. */
export const listQuery = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .transform(Number)
    .prefault(String(DEFAULT_LIMIT))
    .meta({ description: `Maximum number of items on the page, 1 to ${MAX_LIMIT}`, example: '5' }),
  // Any text: an invalid cursor has a problem code of its own.
  cursor: z
    .string()
    .optional()
    .meta({ description: '`next_cursor` of the previous page. Leave it out for the first page' }),
};

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
