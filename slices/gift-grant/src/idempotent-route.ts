import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Executor } from '@lab/shared/database';
import {
  type Caller,
  type Content,
  type ContractRequest,
  contextOf,
  defineProblem,
  invalidRequest,
  ProblemError,
  type Reply,
  type RouteContract,
} from '@lab/shared/http';
import type { Transaction } from 'kysely';
import { type core, type ZodObject, z } from 'zod';
import type { Idempotency, Outcome, StoredResponse } from './idempotency.ts';
import type { IdempotencyTables } from './idempotency-keys.ts';

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

const RETRY_AFTER_S = 1;

/** The key as a member of a body: taken as it is. */
const keyInBody = z
  .string()
  .regex(/^[ -~]{1,255}$/, 'must have 1 to 255 printable ASCII characters')
  .meta({ description: 'The idempotency key, for clients that cannot send it as a header' });

/**
 * A bare key, or a string as structured fields have it (RFC 9651, section 3.3.3;
 * draft-ietf-httpapi-idempotency-key-header).
 */
const keyHeader = {
  'idempotency-key': z
    .string()
    .regex(
      /^(?:[!#-~](?:[ -~]{0,253}[!-~])?|"(?:[ !#-[\]-~]|\\["\\]){1,255}")$/,
      'must be 1 to 255 printable ASCII characters, bare or as a quoted string',
    )
    .meta({ description: 'Names the request: repeats of it have the same key', example: '8e03978e-40d5' })
    .optional(),
};

const unquote = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;

/** The key of a request whose headers have passed `keyHeader`, or the 400 that says why there is none. */
const readKey = (
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
  inBody: string | undefined,
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

type Responses = RouteContract['responses'];

const withReplayedHeader = <Documented extends Responses>(responses: Documented): Documented => {
  const replayed = { 'Idempotent-Replayed': '`true` where this is the answer to an earlier attempt' };
  const documented = Object.entries(responses).map(([status, response]) => [
    status,
    { ...response, headers: { ...response.headers, ...replayed } },
  ]);
  return Object.assign({ ...responses }, Object.fromEntries(documented));
};

/**
 * The contract of a route that takes an idempotency key: adds the header `Idempotency-Key`, with `keyInBody` also the
 * member `idempotency_key` of the body, the header of replayed answers, and the problems of missing and taken keys.
 * Its handler is made by `oncePerKey`.
 */
export const idempotent = <
  Contract extends RouteContract,
  Shape extends core.$ZodLooseShape,
  Config extends core.$ZodObjectConfig,
>(
  contract: Contract & { readonly body: ZodObject<Shape, Config> },
  options: { readonly keyInBody?: boolean } = {},
) => {
  const { headers, body, problems = [], responses, ...rest } = contract;
  const withKey = body.extend({ idempotency_key: keyInBody.optional() }).meta(body.meta() ?? {});
  return {
    ...rest,
    headers: z.object({ ...headers?.shape, ...keyHeader }),
    body: options.keyInBody ? withKey : body,
    responses: withReplayedHeader<Contract['responses']>(responses),
    problems: [keyRequired, keyAmbiguous, keyReused, keyInUse, ...problems],
  };
};

/** Equal keys of two callers are two keys. */
const scopeOf = (caller: Caller | undefined): string => {
  if (caller === undefined) return 'anybody';
  return 'userId' in caller ? `shopper ${caller.userId}` : caller.role;
};

interface TextReply {
  readonly status: number;
  readonly headers: StoredResponse['headers'];
  readonly text: string;
}

/** One of the documented replies, its body as it was stored. */
type StoredReply<Documented extends Responses> = {
  readonly [Status in keyof Documented & number]: TextReply & { readonly status: Status };
}[keyof Documented & number];

const isDocumented = <Documented extends Responses>(
  responses: Documented,
  reply: TextReply,
): reply is StoredReply<Documented> => reply.status in responses;

/** The reply to an outcome, or the 409 that it stands for. */
const replyTo = <Documented extends Responses>(
  responses: Documented,
  outcome: Outcome,
): StoredReply<Documented> => {
  switch (outcome.state) {
    case 'executed':
    case 'replayed': {
      const { status, headers, body: text } = outcome.response;
      const replayed = outcome.state === 'replayed' && { 'Idempotent-Replayed': 'true' };
      const reply = { status, headers: { ...headers, ...replayed }, text };
      if (!isDocumented(responses, reply)) throw new Error(`a stored response has the status ${status}`);
      return reply;
    }
    case 'reused':
      throw new ProblemError(keyReused);
    case 'in_use':
      throw new ProblemError(keyInUse, { headers: { 'Retry-After': String(RETRY_AFTER_S) } });
  }
};

const bodyWithKey = z.looseObject({ idempotency_key: keyInBody.optional() });

/** A reply whose body is JSON of the documented media type. */
type StorableReply<Contract extends RouteContract> = Exclude<Reply<Contract>, Content> & {
  readonly mediaType?: never;
};

export interface OnceDeps {
  readonly db: Executor<IdempotencyTables>;
  readonly idempotency: Idempotency;
}

/**
 * The handler of an `idempotent` contract: carries the work out once for each key of a caller, in one transaction with
 * the key and the reply, and replays that reply to every repeat. The work writes through `trx` alone. What it returns
 * is stored, refusals too; what it throws leaves the key free.
 */
export const oncePerKey = <Contract extends RouteContract>(
  { method, path, params, query, responses }: Contract,
  { db, idempotency }: OnceDeps,
  work: (
    trx: Transaction<IdempotencyTables>,
    req: ContractRequest<Contract>,
  ) => Promise<StorableReply<Contract>>,
) => {
  const workOn = (req: ContractRequest<Contract>) => async (trx: Transaction<IdempotencyTables>) => {
    const { status, headers = {}, body } = await work(trx, req);
    return { status, headers, body: JSON.stringify(body) };
  };

  return async (req: ContractRequest<Contract>, res: ServerResponse) => {
    const { idempotency_key: inBody, ...body } = bodyWithKey.parse(req.body);
    const payload = params || query ? { params: req.params, query: req.query, body } : body;
    const request = {
      operation: `${method} ${path}`,
      scope: scopeOf(req.caller),
      key: readKey(req, inBody),
      payload,
    };
    return replyTo<Contract['responses']>(
      responses,
      await idempotency.run(db, request, workOn(req), contextOf(req, res).signal),
    );
  };
};
