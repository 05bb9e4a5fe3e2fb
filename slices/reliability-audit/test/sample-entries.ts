import type { Completion, StartedEntry } from '../src/audit/audit-statements.ts';

const FIRST_MS = Date.UTC(2026, 10, 20, 12);

/** Entries that differ in all columns, the same each time. */
export const startedEntry = (index: number): StartedEntry => ({
  id: `019a0000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  writer: 'sample',
  at: FIRST_MS + index,
  actor: `shopper:${index % 7}`,
  action: `action${index % 5}`,
  resource: `/things/${index}`,
  requestId: `request-${index}`,
  traceId: String(index).padStart(32, '0'),
});

export const completionOf = ({ id }: Pick<StartedEntry, 'id'>): Completion => ({
  id,
  outcome: 'succeeded',
  status: 200,
  attempts: 1,
  durationMs: 3,
});
