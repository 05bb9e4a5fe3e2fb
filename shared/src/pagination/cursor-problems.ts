import { defineProblem } from '../http/index.ts';

export const invalidCursor = defineProblem({
  code: 'invalid_cursor',
  status: 400,
  title: 'The cursor is not one of this list',
  explanation:
    'A cursor is taken as it came, from `next_cursor` or the `Link` header of the page before. This one was altered, is of another list or is no longer accepted; begin again without a cursor.',
});

export const cursorMismatch = defineProblem({
  code: 'cursor_mismatch',
  status: 400,
  title: 'The cursor belongs to another query',
  explanation:
    'A cursor continues one walk: same sort, same filters, same caller; only `limit` may change. Send the parameters it was made with, or begin again without a cursor.',
});

/** What every list can answer beyond what its shape implies. */
export const listProblems = [invalidCursor, cursorMismatch] as const;
