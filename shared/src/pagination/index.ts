/** Pages of lists that neither repeat nor drop rows: keyset conditions, signed cursors, the page envelope. */
export { type Binding, type Cursors, createCursors, type Position } from './cursor.ts';
export { cursorMismatch, invalidCursor, listProblems } from './cursor-problems.ts';
export { cursorSettings } from './cursor-settings.ts';
export { type Keyset, type KeysetColumn, keysetAfter, keysetOrder } from './keyset.ts';
export { DEFAULT_LIMIT, type ListQuery, listQuery, MAX_LIMIT } from './list-query.ts';
export { type Page, type PageRequest, pageReply, pageResponse, readPage } from './page.ts';
