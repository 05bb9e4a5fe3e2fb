import { defineProblem } from '../http/index.ts';

export const invalidCursor = defineProblem({
  code: 'invalid_cursor',
  status: 400,
  title: 'The cursor is not valid for this list',
  explanation:
    'Send `cursor` exactly as received in `next_cursor` or the `Link` header of the previous page. This one was altered, belongs to another list or is no longer accepted. Start over without a cursor.',
});

export const cursorMismatch = defineProblem({
  code: 'cursor_mismatch',
  status: 400,
  title: 'The cursor belongs to another query',
  explanation:
    'A cursor continues one query, with the same sort, filters and caller. Only `limit` may change. Send the parameters of the previous page again, or start over without a cursor.',
});

/** The problems of every list, in addition to those of its schemas. */
export const listProblems = [invalidCursor, cursorMismatch] as const;
