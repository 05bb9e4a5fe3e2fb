import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import type { BodyContract, ResponseContract, RouteContract } from '../route/contract.ts';
import { problemSchema, problemsOf } from './problem-schema.ts';

export interface DocumentInfo {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Where the routes are; the origin that the document was loaded from unless given. */
  readonly serverUrl?: string;
}

const securitySchemes = {
  shopperToken: { type: 'http', scheme: 'bearer', description: 'A token of `AUTH_TOKENS`' },
  shopperId: {
    type: 'apiKey',
    in: 'header',
    name: 'X-User-Id',
    description: 'A positive integer; believed only where `TRUST_USER_HEADER` is on',
  },
  operatorToken: { type: 'apiKey', in: 'header', name: 'X-Admin-Token' },
} as const;

const shopper = [{ shopperToken: [] }, { shopperId: [] }];
const operator = [{ operatorToken: [] }];
const security = { shopper, operator, either: [...shopper, ...operator] };

const securityOf = ({ caller }: RouteContract) => (caller ? security[caller] : []);

const describeHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  );

const documentResponse = (response: ResponseContract) => ({
  description: response.description,
  ...(response.headers && { headers: describeHeaders(response.headers) }),
  ...((response.body || response.mediaType) && {
    content: {
      [response.mediaType ?? 'application/json']: { schema: response.body ?? z.string() },
      ...(response.alsoHtml && { 'text/html': { schema: z.string() } }),
    },
  }),
});

const documentResponses = (contract: RouteContract): ZodOpenApiResponsesObject => {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, response] of Object.entries(contract.responses)) {
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = documentResponse(response);
  }
  for (const [status, types] of Map.groupBy(problemsOf(contract), (type) => type.status)) {
    responses[`${status}` as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: types.map(({ code, title }) => `\`${code}\`: ${title}`).join('; '),
      content: { 'application/problem+json': { schema: problemSchema(status, types) } },
    };
  }
  return responses;
};

const bytes = z.string().meta({ format: 'binary' });

const documentBody = (body: BodyContract) => {
  if (!('read' in body)) return { 'application/json': { schema: body } };
  const types = body.kind === 'raw' ? body.mediaTypes : ['multipart/form-data'];
  return Object.fromEntries(types.map((type) => [type, { schema: bytes }]));
};

const cookieParams = ({ cookies, signedCookies }: RouteContract) => {
  const shape = { ...cookies?.shape, ...signedCookies?.shape };
  return Object.keys(shape).length > 0 && { cookie: z.object(shape) };
};

const documentOperation = (contract: RouteContract): ZodOpenApiOperationObject => ({
  operationId: contract.name,
  summary: contract.summary,
  tags: [contract.tag],
  security: securityOf(contract),
  requestParams: {
    ...(contract.params && { path: contract.params }),
    ...(contract.query && { query: contract.query }),
    ...(contract.headers && { header: contract.headers }),
    ...cookieParams(contract),
  },
  ...(contract.body && { requestBody: { required: true, content: documentBody(contract.body) } }),
  responses: documentResponses(contract),
});

/** `/carts/me/items/:id` to `/carts/me/items/{id}`. */
const openApiPath = (path: string): string => path.replaceAll(/[:*](\w+)/g, '{$1}');

/** OpenAPI 3.1 document of the given routes; routes marked `unlisted` are left out. */
export const createOpenApiDocument = (info: DocumentInfo, contracts: readonly RouteContract[]) => {
  const listed = contracts.filter(({ unlisted }) => !unlisted);
  const operations = ([path, ofPath]: [string, RouteContract[]]) => [
    path,
    Object.fromEntries(
      ofPath.map((contract) => [contract.method.toLowerCase(), documentOperation(contract)]),
    ),
  ];
  const paths = Object.fromEntries([...Map.groupBy(listed, ({ path }) => openApiPath(path))].map(operations));
  const used = new Set(
    listed.flatMap((contract) => securityOf(contract).flatMap((each) => Object.keys(each))),
  );
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: info.title,
      description: info.description,
      version: info.version,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to the document: the explorer calls the origin that it was loaded from, whatever its name.
    servers: [{ url: info.serverUrl ?? '/' }],
    tags: [...new Set(listed.map(({ tag }) => tag))].map((name) => ({
      name,
      description: `Routes of ${name}`,
    })),
    paths,
    components: {
      securitySchemes: Object.fromEntries(Object.entries(securitySchemes).filter(([name]) => used.has(name))),
    },
  });
};
