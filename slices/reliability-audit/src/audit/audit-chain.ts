/**
 * Problem: a log that someone can edit proves nothing. Whoever covers a trace changes a line, removes one, or swaps two.
 * Guarantees: each entry is sealed with the hash of itself and of the seal before it. To change, remove, insert or swap
 * an entry, all later hashes must be computed anew, and then the last hash differs from the one that was noted outside.
 * Does NOT guarantee: anything against someone who rewrites the whole end of the chain, unless an earlier head was kept
 * where that person cannot write. Nor that an entry is true, nor that it is there: both are up to those who write it.
 * See B. Schneier and J. Kelsey, "Secure Audit Logs to Support Computer Forensics" (1999).
 */
import { hash } from 'node:crypto';

export type AuditOutcome = 'started' | 'succeeded' | 'failed' | 'unknown';

/** What happened, as it stands in an entry whose outcome is final. All texts are printable. */
export interface AuditFact {
  /** UUIDv7. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: AuditOutcome;
  /** HTTP status of the answer; null if there was none. */
  readonly status: number | null;
  readonly attempts: number | null;
  readonly durationMs: number | null;
  readonly requestId: string;
  readonly traceId: string;
}

/** Where the chain ends: the number of entries and the hash of the last one. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface Seal {
  /** 1 for the first entry, then without gaps. */
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

/** The head of a chain without entries. */
export const emptyChain: ChainHead = { seq: 0, hash: '0'.repeat(64) };

/** ISO 8601. A number that is no time, because someone has changed it, stays a number. */
export const isoTime = (at: number): string => {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString();
};

/**
 * The text that is hashed: the entry as `GET /audit` shows it, without `prev_hash` and `hash`, in the form of RFC 8785
 * (members sorted by name, no white space). Anyone can compute it from the answer.
 */
export const canonicalEntry = (fact: AuditFact, seq: number): string =>
  JSON.stringify({
    action: fact.action,
    actor: fact.actor,
    at: isoTime(fact.at),
    attempts: fact.attempts,
    duration_ms: fact.durationMs,
    id: fact.id,
    outcome: fact.outcome,
    request_id: fact.requestId,
    resource: fact.resource,
    seq,
    status: fact.status,
    trace_id: fact.traceId,
  });

/** Seals an entry behind a head: `hash = SHA-256(prev_hash || canonical entry)`, both as UTF-8 text, in hexadecimal. */
export const sealAfter = (head: ChainHead, fact: AuditFact): Seal => {
  const seq = head.seq + 1;
  return { seq, prevHash: head.hash, hash: hash('sha256', head.hash + canonicalEntry(fact, seq)) };
};

/** Whether an entry stands where it was sealed, unchanged. `head` is the seal before it. */
export const follows = (head: ChainHead, { fact, seal }: { fact: AuditFact; seal: Seal }): boolean => {
  const expected = sealAfter(head, fact);
  return seal.seq === expected.seq && seal.prevHash === expected.prevHash && seal.hash === expected.hash;
};
