/** Pages of lists that neither repeat nor drop rows: keyset conditions, signed cursors, the page envelope. */
export { type Binding, type Cursors, createCursors, type Position } from './cursor.ts';
export { invalidCursor, listProblems } from './cursor-problems.ts';
export { cursorSettings } from './cursor-settings.ts';
export { type Keyset, keysetAfter, keysetOrder } from './keyset.ts';
export { listQuery } from './list-query.ts';
export { pageReply, pageResponse, readPage } from './page.ts';
