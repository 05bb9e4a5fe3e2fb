import { setTimeout as wait } from 'node:timers/promises';
import type { Caller } from '@lab/shared/http';
import type { StartedEntry } from '../audit/audit-statements.ts';
import { actorOf, auditUnavailable, outcomeOf, refuseUnaudited } from './audited-writes.ts';
import type { AuditRecorder } from './batched-recorder.ts';
import { entryText } from './entry-text.ts';

interface StartedCall {
  readonly method: string;
  readonly resource: string;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly traceId: string;
}

interface CallResult {
  readonly status: number;
  readonly attempts: number;
  readonly durationMs: number;
}

/** A record of calls that leave nothing in the database. */
export interface AuditedCalls {
  /**
   * Resolves with the id of the entry when it is on disk. Rejects with `audit_unavailable` if it cannot be stored within
   * five seconds; if calls go on without an entry, it resolves with an empty id.
   */
  readonly started: (call: StartedCall) => Promise<string>;
  /** Never rejects. Resolves when the outcome is on disk, or when the store cannot take it now. */
  readonly completed: (id: string, result: CallResult) => Promise<void>;
}

export interface AuditedCallsDeps {
  readonly recorder: AuditRecorder;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly writer: string;
  readonly onMissing: (error: unknown) => void;
}

const LONGEST_WAIT_MS = 5000;
/** An answer of the other service below this is a success of the call, also if it is no success for the client. */
const LEAST_FAILURE = 500;

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

export const createAuditedCalls = (
  { recorder, now, newId, writer, onMissing }: AuditedCallsDeps,
  { failure }: { readonly failure: 'closed' | 'open' },
): AuditedCalls => {
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
    started: ({ method, resource, caller, requestId, traceId }) =>
      store({
        id: newId(),
        writer,
        at: now().getTime(),
        actor: actorOf(caller),
        action: `call ${method}`,
        resource: entryText(resource),
        requestId,
        traceId,
      }),
    completed: async (id, { status, attempts, durationMs }) => {
      if (id === '') return;
      const outcome = outcomeOf(status, LEAST_FAILURE);
      await recorder.complete({ id, outcome, status, attempts, durationMs: Math.round(durationMs) });
    },
  };
};
