import type { RouteContract } from '@lab/shared/http';
import fc, { type Arbitrary } from 'fast-check';
import type { ZodObject, ZodType } from 'zod';
import type { FuzzRequest } from './fuzz-request.ts';
import { arbitraryOf, type Samples } from './schema-arbitrary.ts';

/** A valid request, in parts that mutations can change one by one. */
export interface ValidRequest {
  readonly contract: RouteContract;
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A JSON value; undefined if the contract has no body. */
  readonly body: unknown;
}

export type Credentials = Readonly<Record<'shopper' | 'operator', Readonly<Record<string, string>>>>;

type Fields = Arbitrary<Record<string, unknown>>;

const fieldsOf = (schema: ZodObject | undefined, place: string, samples: Samples): Fields =>
  schema
    ? arbitraryOf(schema, place, samples).map((value) =>
        typeof value === 'object' && value !== null ? { ...value } : {},
      )
    : fc.constant({});

const pairs = (fields: Record<string, unknown>): [string, string][] =>
  Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return Array.isArray(value) ? value.map((each) => [name, String(each)]) : [[name, String(value)]];
  });

/** Printable ASCII without surrounding spaces, so that the header value arrives as it was sent. */
const headerValue = (value: string): string => value.replaceAll(/[^\x20-\x7e]/g, 'x').trim();

const callersOf = ({ caller }: RouteContract, { shopper, operator }: Credentials) =>
  caller === undefined
    ? [{}]
    : { shopper: [shopper], operator: [operator], either: [shopper, operator] }[caller];

const methodsOf = ({ method }: RouteContract): readonly string[] =>
  method === 'ALL' ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : [method];

const isJson = (body: RouteContract['body']): body is ZodType => body !== undefined && !('read' in body);

const bodiesOf = ({ body }: RouteContract, samples: Samples): Arbitrary<unknown> => {
  if (isJson(body)) return arbitraryOf(body, 'body', samples);
  return body?.kind === 'stream' ? fc.jsonValue() : fc.constant(undefined);
};

/** Requests that a contract accepts. `credentials` are sent if it asks for a caller. */
export const validRequests = (
  contract: RouteContract,
  samples: Samples,
  credentials: Credentials,
): Arbitrary<ValidRequest> => {
  return fc
    .record({
      method: fc.constantFrom(...methodsOf(contract)),
      caller: fc.constantFrom(...callersOf(contract, credentials)),
      params: fieldsOf(contract.params, 'params', samples),
      query: fieldsOf(contract.query, 'query', samples),
      headers: fieldsOf(contract.headers, 'headers', samples),
      body: bodiesOf(contract, samples),
    })
    .map(({ method, caller, params, query, headers, body }) => ({
      contract,
      method,
      params: Object.fromEntries(pairs(params)),
      query: pairs(query),
      headers: [
        ...pairs(caller),
        ...pairs(headers).map(([name, value]): [string, string] => [name, headerValue(value)]),
      ],
      body,
    }));
};

export const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** `/carts/:id` with its parameters filled in. An empty one would result in another path. */
export const fillPath = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/[:*](\w+)/g, (_, name: string) => encode(params[name] || 'x'));

export const targetOf = ({ contract, params, query }: ValidRequest): string => {
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return `${fillPath(contract.path, params)}${search && '?'}${search}`;
};

/** The request that a client would send. */
export const plainRequest = (valid: ValidRequest): FuzzRequest => ({
  kind: 'valid',
  method: valid.method,
  target: targetOf(valid),
  headers: [
    ['Host', 'lab.test'],
    ...valid.headers,
    ...(valid.body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
  ],
  ...(valid.body !== undefined && { body: Buffer.from(JSON.stringify(valid.body)) }),
});
