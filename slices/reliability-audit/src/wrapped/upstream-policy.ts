import { ProblemError } from '@lab/shared/http';
import type { Outcome } from '../calls/call.ts';
import { retriableStatuses, type UpstreamAnswer, type UpstreamRequest } from './upstream.ts';

type Settled = Outcome<UpstreamAnswer>;

/** Methods that are idempotent (RFC 9110, section 9.2.2). */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const repeatableWithKey = new Set(['POST', 'PATCH']);

/** Whether a request may be sent more than once, and can be. */
export const isRepeatable = ({ method, headers, body }: UpstreamRequest): boolean =>
  body.kind !== 'streamed' &&
  (repeatable.has(method) || (repeatableWithKey.has(method) && headers['idempotency-key'] !== undefined));

/** What `Retry-After` asks for, in milliseconds (RFC 9110, section 10.2.3); 0 if it asks for nothing. */
const retryAfterOf = (value: string | undefined, now: Date): number => {
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  return Math.max(0, Date.parse(value) - now.getTime()) || 0;
};

/** A fault in the client's own body says nothing about the upstream. */
const isOurs = (outcome: Settled): boolean => 'error' in outcome && outcome.error instanceof ProblemError;

/** When to repeat after an outcome. An answer that was not held has begun, and is passed on. */
export const retryAfterMs =
  ({ now }: { readonly now: () => Date }) =>
  (outcome: Settled): number | undefined => {
    if ('error' in outcome) return isOurs(outcome) ? undefined : 0;
    const { status, body, head } = outcome.value;
    if (!retriableStatuses.has(status) || 'stream' in body) return undefined;
    return retryAfterOf(head.headers['retry-after'], now());
  };

/** A server error counts against the upstream. Too many requests do not: it is well, and says so. */
export const isFailure = (outcome: Settled): boolean =>
  'error' in outcome ? !isOurs(outcome) : outcome.value.status >= 500;
