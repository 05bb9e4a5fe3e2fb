import { isDeepStrictEqual } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { ProblemType, ResponseContract, RouteContract } from '@lab/shared/http';
import {
  anyMediaType,
  headersTooLarge,
  malformedRequest,
  malformedUrl,
  methodNotAllowed,
  notFound,
  problemSchema,
  problemsOf,
  requestTimeout,
} from '@lab/shared/http';
import type { ZodError, ZodType } from 'zod';
import { missingPromises } from './promised-headers.ts';
import type { WireResponse } from './wire-response.ts';

/** A response with the request that it answers; without one if no request could be parsed. */
export interface Exchange {
  readonly response: WireResponse;
  readonly request:
    | {
        readonly method: string;
        /** As in the request line. */
        readonly target: string;
        /** Template of the matched route, or `unmatched`. */
        readonly route: string;
        readonly isPreflight: boolean;
      }
    | undefined;
}

const brokenBytes = [malformedRequest, requestTimeout, headersTooLarge];

const issuesOf = (error: ZodError): string[] =>
  error.issues.map(({ path, message }) => `${path.length === 0 ? 'the body' : path.join('.')}: ${message}`);

const essence = (mediaType: string | undefined): string => mediaType?.split(';')[0]?.trim() ?? '';

const decoders = new Map([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
]);

/** The body, decompressed. */
const contentOf = ({ headers, body }: WireResponse): Buffer =>
  decoders.get(headers.get('content-encoding') ?? '')?.(body) ?? body;

const parseJson = (body: Buffer): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(body.toString()) };
  } catch {
    return undefined;
  }
};

/** The value must come out of the schema unchanged, because fields that the schema drops are not documented. */
const checkJson = (schema: ZodType, body: Buffer): string[] => {
  const json = parseJson(body);
  if (!json) return ['the body is not JSON'];
  const { data, error } = schema.safeParse(json.value);
  if (error) return issuesOf(error);
  return isDeepStrictEqual(data, json.value) ? [] : ['the body has fields that are not in its schema'];
};

const memberOf = (body: Buffer, name: string): unknown => {
  const value = parseJson(body)?.value;
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
};

const problemSchemas = new Map<ProblemType, ReturnType<typeof problemSchema>>();

const schemaOf = (type: ProblemType): ReturnType<typeof problemSchema> => {
  const known = problemSchemas.get(type) ?? problemSchema(type.status, [type]);
  problemSchemas.set(type, known);
  return known;
};

const checkProblem = (types: readonly ProblemType[], { response, request }: Exchange): string[] => {
  const { status, headers, body } = response;
  const code = memberOf(body, 'code');
  const type = types.find((each) => each.status === status && each.code === code);
  if (!type) return [`the problem ${String(code)} with status ${status} is not documented`];
  const schema = schemaOf(type);
  const faults = checkJson(request ? schema : schema.omit({ instance: true }), body);
  const links = String(memberOf(body, 'type')).endsWith(`/problems/${type.code}`);
  const isAllowed = type !== methodNotAllowed || headers.has('allow');
  return [
    ...faults,
    ...(links ? [] : ['`type` does not end with the code']),
    ...(isAllowed ? [] : ['405 without the header Allow']),
    ...(memberOf(body, 'request_id') === headers.get('x-request-id')
      ? []
      : ['`request_id` differs from the header X-Request-Id']),
  ];
};

const checkMediaType = (documented: ResponseContract, given: string | undefined): string[] => {
  const { mediaType = 'application/json', alsoHtml = false } = documented;
  if (mediaType === anyMediaType) return [];
  const isExact = mediaType.includes(';') ? given === mediaType : essence(given) === mediaType;
  if (isExact || (alsoHtml && essence(given) === 'text/html')) return [];
  return [`the media type is ${given ?? 'missing'}, documented is ${mediaType}`];
};

const checkDocumented = (documented: ResponseContract, { response, request }: Exchange): string[] => {
  const { body, headers } = response;
  const type = headers.get('content-type');
  if (!documented.body && !documented.mediaType) {
    return body.length === 0 && type === undefined ? [] : ['a body where none is documented'];
  }
  const faults = checkMediaType(documented, type);
  const hasJson = documented.body && request?.method !== 'HEAD' && /[/+]json$/.test(essence(type));
  return hasJson && documented.body
    ? [...faults, ...checkJson(documented.body, contentOf(response))]
    : faults;
};

const isPlainOptions = ({ response, request }: Exchange): boolean =>
  request?.method === 'OPTIONS' &&
  response.status === 204 &&
  (response.headers.has('allow') ||
    (request.isPreflight && response.headers.has('access-control-allow-methods')));

/** Problems of a request that matched no contract. */
const problemsWithoutContract = ({ request }: Exchange): readonly ProblemType[] => {
  if (!request) return brokenBytes;
  return [...brokenBytes, malformedUrl, request.route === 'unmatched' ? notFound : methodNotAllowed];
};

/** Checks exchanges against contracts. Returns a description of each fault. */
export const createContractCheck = (contracts: readonly RouteContract[]) => {
  const byRoute = new Map(contracts.map((contract) => [`${contract.method} ${contract.path}`, contract]));

  const contractOf = ({ request }: Exchange): RouteContract | undefined =>
    request &&
    (byRoute.get(`${request.method === 'HEAD' ? 'GET' : request.method} ${request.route}`) ??
      byRoute.get(`ALL ${request.route}`));

  const checkBody = (exchange: Exchange): string[] => {
    const { response, request } = exchange;
    const contract = contractOf(exchange);
    const isProblem = essence(response.headers.get('content-type')) === 'application/problem+json';
    const documented = contract?.responses[response.status] ?? contract?.responses.default;
    if (isProblem) {
      const types = contract ? [...brokenBytes, ...problemsOf(contract)] : problemsWithoutContract(exchange);
      const ofStatus = types.some(({ status }) => status === response.status);
      if (!ofStatus) return [`status ${response.status} is not documented`];
      return request?.method === 'HEAD' ? [] : checkProblem(types, exchange);
    }
    if (documented) return checkDocumented(documented, exchange);
    return isPlainOptions(exchange) ? [] : [`status ${response.status} is not documented`];
  };

  return {
    contractOf,
    check: (exchange: Exchange): readonly string[] => [
      ...checkBody(exchange),
      ...missingPromises(exchange.response, exchange.request !== undefined),
    ],
  };
};
