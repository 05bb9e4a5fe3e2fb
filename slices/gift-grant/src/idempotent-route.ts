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
    'Generate a unique key for each operation, such as a UUID, and send it as `Idempotency-Key` with every attempt.',
});

const keyAmbiguous = defineProblem({
  code: 'idempotency_key_ambiguous',
  status: 400,
  title: 'The header and the body have different keys',
  explanation: 'Send the key once, in the header `Idempotency-Key` or in the body.',
});

const keyReused = defineProblem({
  code: 'idempotency_key_reused',
  status: 409,
  title: 'The key belongs to another request',
  explanation:
    'The key was used for a request with a different payload, method or route. Use a new key for a new request.',
});

const keyInUse = defineProblem({
  code: 'idempotency_key_in_use',
  status: 409,
  title: 'The first request with this key is still running',
  explanation:
    'This attempt did nothing. Send the same request with the same key after the time in `Retry-After`.',
});

const RETRY_AFTER_S = 1;

/** The key as a member of the body, used unchanged. */
const keyInBody = z
  .string()
  .regex(/^[ -~]{1,255}$/, 'must have 1 to 255 printable ASCII characters')
  .meta({ description: 'The idempotency key, for clients that cannot send it as a header' });

/**
 * A bare key, or a quoted string in the syntax of structured fields (RFC 9651, section 3.3.3;
 * draft-ietf-httpapi-idempotency-key-header).
 */
const keyHeader = {
  'idempotency-key': z
    .string()
    .regex(
      /^(?:[!#-~](?:[ -~]{0,253}[!-~])?|"(?:[ !#-[\]-~]|\\["\\]){1,255}")$/,
      'must be 1 to 255 printable ASCII characters, bare or as a quoted string',
    )
    .meta({ description: 'Identifies the request: every repeat has the same key', example: '8e03978e-40d5' })
    .optional(),
};

const unquote = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;

/** The key of a request whose headers match `keyHeader`. Throws the 400 for a missing or contradictory key. */
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
  const replayed = { 'Idempotent-Replayed': '`true` if this is the answer to an earlier attempt' };
  const documented = Object.entries(responses).map(([status, response]) => [
    status,
    { ...response, headers: { ...response.headers, ...replayed } },
  ]);
  return Object.assign({ ...responses }, Object.fromEntries(documented));
};

/**
 * The contract of a route that takes an idempotency key. Adds the request header `Idempotency-Key` (with `keyInBody`
 * also the body member `idempotency_key`), the header of replayed answers, and the problems for missing and taken keys.
 * With `keysPerRoute`, the same key on another route is another key; otherwise it is refused as reused. Use `oncePerKey`
 * for its handler.
 */
export const idempotent = <
  Contract extends RouteContract,
  Shape extends core.$ZodLooseShape,
  Config extends core.$ZodObjectConfig,
>(
  contract: Contract & { readonly body: ZodObject<Shape, Config> },
  options: { readonly keyInBody?: boolean; readonly keysPerRoute?: boolean } = {},
) => {
  const { headers, body, problems = [], responses, ...rest } = contract;
  const withKey = body.extend({ idempotency_key: keyInBody.optional() }).meta(body.meta() ?? {});
  return {
    ...rest,
    headers: z.object({ ...headers?.shape, ...keyHeader }),
    body: options.keyInBody ? withKey : body,
    responses: withReplayedHeader<Contract['responses']>(responses),
    problems: [keyRequired, keyAmbiguous, keyReused, keyInUse, ...problems],
    keysPerRoute: options.keysPerRoute ?? false,
  };
};

/** The same key from two callers counts as two keys. */
const scopeOf = (caller: Caller | undefined): string => {
  if (caller === undefined) return 'anybody';
  return 'userId' in caller ? `shopper ${caller.userId}` : caller.role;
};

interface TextReply {
  readonly status: number;
  readonly headers: StoredResponse['headers'];
  readonly text: string;
}

/** One of the documented replies, with the stored text as its body. */
type StoredReply<Documented extends Responses> = {
  readonly [Status in keyof Documented & number]: TextReply & { readonly status: Status };
}[keyof Documented & number];

const isDocumented = <Documented extends Responses>(
  responses: Documented,
  reply: TextReply,
): reply is StoredReply<Documented> => reply.status in responses;

/** Converts an outcome to a reply, or throws its 409. */
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
      if (!isDocumented(responses, reply))
        throw new Error(`a stored response has the undocumented status ${status}`);
      return reply;
    }
    case 'reused':
      throw new ProblemError(keyReused);
    case 'in_use':
      throw new ProblemError(keyInUse, { headers: { 'Retry-After': String(RETRY_AFTER_S) } });
  }
};

const bodyWithKey = z.looseObject({ idempotency_key: keyInBody.optional() });

/** A reply whose body is JSON. Only these can be stored. */
type StorableReply<Contract extends RouteContract> = Exclude<Reply<Contract>, Content> & {
  readonly mediaType?: never;
};

export interface OnceDeps {
  readonly db: Executor<IdempotencyTables>;
  readonly idempotency: Idempotency;
}

/**
 * The handler of an `idempotent` contract. Does the work once for each key of a caller, in one transaction with the key
 * and the reply, and replays that reply to every repeat. The work must write through `trx` only. What it returns is
 * stored, including refusals; if it throws, the key stays free.
 */
export const oncePerKey = <Contract extends RouteContract & { readonly keysPerRoute?: boolean }>(
  { method, path, params, query, responses, keysPerRoute }: Contract,
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
    const operation = `${method} ${path}`;
    const request = {
      operation,
      scope: keysPerRoute ? `${scopeOf(req.caller)} ${operation}` : scopeOf(req.caller),
      key: readKey(req, inBody),
      payload,
    };
    return replyTo<Contract['responses']>(
      responses,
      await idempotency.run(db, request, workOn(req), contextOf(req, res).signal),
    );
  };
};
