import { setTimeout as wait } from 'node:timers/promises';
import type { StartedEntry } from '../audit/audit-statements.ts';
import type { WrappedAudit } from '../wrapped/wrapped-audit.ts';
import { actorOf, auditUnavailable, CLIENT_LEFT, refuseUnaudited } from './audited-writes.ts';
import type { AuditRecorder } from './batched-recorder.ts';
import { entryText } from './entry-text.ts';

export interface AuditedCallsDeps {
  readonly recorder: AuditRecorder;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly writer: string;
  readonly onMissing: (error: unknown) => void;
}

const LONGEST_WAIT_MS = 5000;
const ignore = (): void => undefined;

const within = async (work: Promise<void>, ms: number): Promise<void> => {
  const late = new AbortController();
  const timeout = wait(ms, undefined, { signal: late.signal, ref: false }).then(() => {
    throw new Error(`an audit entry was not stored within ${ms} ms`);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    timeout.catch(() => undefined);
    late.abort();
  }
};

/**
 * The record of calls that leave nothing in the database. `started` waits five seconds at most; if calls go on without an
 * entry, it resolves with an empty id then. `completed` resolves when the outcome is on disk, or when the store cannot
 * take it now.
 */
export const createAuditedCalls = (
  { recorder, now, newId, writer, onMissing }: AuditedCallsDeps,
  { failure }: { readonly failure: 'closed' | 'open' },
): WrappedAudit => {
  const tooLate =
    failure === 'closed'
      ? ({ outcome: 'failed', status: auditUnavailable.status, attempts: 0 } as const)
      : ({ outcome: 'unknown', status: null, attempts: null } as const);

  const store = async (entry: StartedEntry): Promise<string> => {
    const stored = recorder.append(entry);
    try {
      await within(stored, LONGEST_WAIT_MS);
      return entry.id;
    } catch (error) {
      // If it is stored after all: the call was not made, or made while nobody knew of the entry.
      stored.then(() => recorder.completeSoon({ id: entry.id, ...tooLate, durationMs: null }), ignore);
      if (failure === 'closed') throw refuseUnaudited(error);
      onMissing(error);
      return '';
    }
  };

  return {
    started: ({ method, action = `call ${method}`, resource, caller, requestId, traceId }) =>
      store({
        id: newId(),
        writer,
        at: now().getTime(),
        actor: actorOf(caller),
        action,
        resource: entryText(resource),
        requestId,
        traceId,
      }),
    completed: async (id, { outcome: told, status, attempts, durationMs }) => {
      if (id === '') return;
      const outcome = status === CLIENT_LEFT ? 'unknown' : told;
      await recorder.complete({ id, outcome, status, attempts, durationMs: Math.round(durationMs) });
    },
  };
};
