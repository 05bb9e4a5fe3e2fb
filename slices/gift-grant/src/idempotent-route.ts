import type { IncomingMessage, ServerResponse } from 'node:http';
import { defineProblem, invalidRequest, ProblemError } from '@lab/shared/http';
import { z } from 'zod';
import type { Outcome } from './idempotency.ts';

const keyRequired = defineProblem({
  code: 'idempotency_key_required',
  status: 400,
  title: 'The request has no idempotency key',
  explanation:
    'Make up a key for what you want done, a UUID say, and send it as `Idempotency-Key`, the same with each attempt.',
});

const keyAmbiguous = defineProblem({
  code: 'idempotency_key_ambiguous',
  status: 400,
  title: 'Header and body have different keys',
  explanation: 'Give the key once, in the header `Idempotency-Key` or in the body.',
});

const keyReused = defineProblem({
  code: 'idempotency_key_reused',
  status: 409,
  title: 'The key belongs to another request',
  explanation:
    'The key was used for a request with another payload, method or route. A new request needs a new key.',
});

const keyInUse = defineProblem({
  code: 'idempotency_key_in_use',
  status: 409,
  title: 'The first request with this key is still running',
  explanation: 'Nothing was done. Send the same request, with the same key, after the time in `Retry-After`.',
});

/** What a route with an idempotency key can answer besides its own problems. */
export const idempotencyProblems = [keyRequired, keyAmbiguous, keyReused, keyInUse] as const;

const RETRY_AFTER_S = 1;

/** The key as a member of a body: taken as it is. */
export const keyInBody = z
  .string()
  .regex(/^[ -~]{1,255}$/, 'must have 1 to 255 printable ASCII characters')
  .meta({ description: 'The idempotency key, for clients that cannot send it as a header' });

/**
 * The headers of a route with an idempotency key: a bare key, or a string as structured fields have it (RFC 9651,
 * section 3.3.3; draft-ietf-httpapi-idempotency-key-header).
 */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(
      /^(?:[!#-~](?:[ -~]{0,253}[!-~])?|"(?:[ !#-[\]-~]|\\["\\]){1,255}")$/,
      'must be 1 to 255 printable ASCII characters, bare or as a quoted string',
    )
    .meta({ description: 'Names the request: repeats of it have the same key', example: '"8e03978e-40d5"' })
    .optional(),
});

const unquote = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;

/** The key of a request whose headers have passed `keyHeader`, or the 400 that says why there is none. */
export const readIdempotencyKey = (
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
  inBody?: string,
): string => {
  const [given, another] = headersDistinct['idempotency-key'] ?? [];
  if (another !== undefined) {
    const errors = [{ header: 'idempotency-key', detail: 'must be given once' }];
    throw new ProblemError(invalidRequest, { errors });
  }
  const inHeader = given === undefined ? undefined : unquote(given);
  const key = inHeader ?? inBody;
  if (key === undefined) throw new ProblemError(keyRequired);
  if (inBody !== undefined && inBody !== key) throw new ProblemError(keyAmbiguous);
  return key;
};

/** Aborts when the client has its answer, or has left before it came. */
export const whileAwaited = (res: ServerResponse): AbortSignal => {
  const ended = new AbortController();
  res.once('close', () => ended.abort(new ProblemError(keyInUse)));
  return ended.signal;
};

/** Documents the header that tells a repeat from the first answer. */
export const replayedHeader = {
  'Idempotent-Replayed': '`true` where this is the answer to an earlier attempt',
};

/** The reply to an outcome, or the 409 that it stands for. */
export const replyTo = <Status extends number>(outcome: Outcome<Status>) => {
  switch (outcome.state) {
    case 'executed':
    case 'replayed': {
      const { status, headers, body: text } = outcome.response;
      const replayed = outcome.state === 'replayed' && { 'Idempotent-Replayed': 'true' };
      return { status, headers: { ...headers, ...replayed }, text };
    }
    case 'reused':
      throw new ProblemError(keyReused);
    case 'in_use':
      throw new ProblemError(keyInUse, { headers: { 'Retry-After': String(RETRY_AFTER_S) } });
  }
};
