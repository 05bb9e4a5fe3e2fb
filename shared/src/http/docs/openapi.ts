import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ProblemType } from '#src/problem/problem.ts';
import type { MultipartBody } from '../body/multipart-body.ts';
import type { RawBody } from '../body/raw-body.ts';
import type { StreamBody } from '../body/stream-body.ts';
import {
  anyMediaType,
  type BodyContract,
  type ResponseContract,
  type RouteContract,
  type Tag,
} from '../route/contract.ts';
import { exampleOf } from './example.ts';
import { problemExample } from './problem-example.ts';
import { problemSchema, problemsOf } from './problem-schema.ts';
import { securityOf, securitySchemesOf } from './security-schemes.ts';

export interface DocumentInfo {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Base URL of the routes (default: the origin that the document was loaded from). */
  readonly serverUrl?: string;
  /** Base URL of links in problems, without a trailing slash. */
  readonly publicUrl: string;
  /** Show the development tokens in the documentation. Only for servers that accept them. */
  readonly namesDemoTokens?: boolean;
}

const describeHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  );

/** The tag of a contract. If it is only a name, another contract may have its description. */
export const tagOf = ({ tag }: RouteContract): Tag =>
  typeof tag === 'string' ? { name: tag, description: '' } : tag;

const withExample = <Content>(content: Content, example: unknown) =>
  example === undefined ? content : { ...content, example };

const documentResponse = (response: ResponseContract) => {
  const { body, mediaType } = response;
  const example = response.example ?? (body && exampleOf(body, 'output'));
  return {
    description: response.description,
    ...(response.headers && { headers: describeHeaders(response.headers) }),
    ...((body || mediaType) && {
      content: {
        [mediaType ?? 'application/json']: withExample({ schema: body ?? z.string() }, example),
        ...(response.alsoHtml && { 'text/html': { schema: z.string() } }),
      },
    }),
  };
};

const referToExamples = (types: readonly ProblemType[]) =>
  Object.fromEntries(types.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }]));

const documentResponses = (contract: RouteContract): ZodOpenApiResponsesObject => {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, response] of Object.entries(contract.responses)) {
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = documentResponse(response);
  }
  for (const [status, types] of Map.groupBy(problemsOf(contract), (type) => type.status)) {
    responses[`${status}` as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: types.map(({ code, title }) => `\`${code}\`: ${title}`).join('; '),
      content: {
        'application/problem+json': {
          schema: problemSchema(status, types),
          examples: referToExamples(types),
        },
      },
    };
  }
  return responses;
};

const usualMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const titleCase = (method: string): string => `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`;

const bytes = z.string().meta({ format: 'binary' });

const mediaTypesOf = (body: RawBody | MultipartBody | StreamBody): readonly string[] => {
  if (body.kind === 'raw') return body.mediaTypes;
  return [body.kind === 'multipart' ? 'multipart/form-data' : anyMediaType];
};

const documentBody = (body: BodyContract) => {
  if (!('read' in body)) return { 'application/json': withExample({ schema: body }, exampleOf(body)) };
  const types = mediaTypesOf(body);
  return Object.fromEntries(types.map((type) => [type, { schema: bytes }]));
};

const isOptional = (body: BodyContract): boolean => 'read' in body && body.kind === 'stream';

const cookieParams = ({ cookies, signedCookies }: RouteContract) => {
  const shape = { ...cookies?.shape, ...signedCookies?.shape };
  return Object.keys(shape).length > 0 && { cookie: z.object(shape) };
};

/** OpenAPI has no operation for all methods, so one of each usual method stands for them. */
const perMethod = (contract: RouteContract): readonly RouteContract[] =>
  contract.method === 'ALL'
    ? usualMethods.map((method) => ({ ...contract, method, name: `${contract.name}${titleCase(method)}` }))
    : [contract];

const documentOperation = (contract: RouteContract): ZodOpenApiOperationObject => ({
  operationId: contract.name,
  summary: contract.summary,
  ...(contract.description && { description: contract.description }),
  tags: [tagOf(contract).name],
  security: securityOf(contract),
  requestParams: {
    ...(contract.params && { path: contract.params }),
    ...(contract.query && { query: contract.query }),
    ...(contract.headers && { header: contract.headers }),
    ...cookieParams(contract),
  },
  ...(contract.body && {
    requestBody: { required: !isOptional(contract.body), content: documentBody(contract.body) },
  }),
  responses: documentResponses(contract),
});

/** `/carts/me/items/:id` to `/carts/me/items/{id}`. */
const openApiPath = (path: string): string => path.replaceAll(/[:*](\w+)/g, '{$1}');

/** Each tag once, in the order of the routes, with the description that any of its contracts has. */
export const tagsOf = (contracts: readonly RouteContract[]): readonly Tag[] =>
  [...Map.groupBy(contracts.map(tagOf), ({ name }) => name)].map(([name, tags]) => ({
    name,
    description: tags.find(({ description }) => description)?.description ?? `Routes of ${name}`,
  }));

/** Each problem once, although many routes have it: making an example takes a while. */
const problemExamples = ({ publicUrl }: DocumentInfo, contracts: readonly RouteContract[]) => {
  const types = new Map(contracts.flatMap(problemsOf).map((type) => [type.code, type]));
  const exampleOf = (type: ProblemType) => problemExample(type, { publicUrl, contracts });
  return Object.fromEntries(
    [...types].map(([code, type]) => [code, { summary: type.title, value: exampleOf(type) }]),
  );
};

/** The OpenAPI 3.1 document of these routes, without those marked `unlisted`. */
export const createOpenApiDocument = (info: DocumentInfo, contracts: readonly RouteContract[]) => {
  const listed = contracts.filter(({ unlisted }) => !unlisted).flatMap(perMethod);
  const operations = ([path, ofPath]: [string, RouteContract[]]) => [
    path,
    Object.fromEntries(
      ofPath.map((contract) => [contract.method.toLowerCase(), documentOperation(contract)]),
    ),
  ];
  const paths = Object.fromEntries([...Map.groupBy(listed, ({ path }) => openApiPath(path))].map(operations));
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: info.title,
      description: info.description,
      version: info.version,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative, so that the explorer calls the origin that it was loaded from.
    servers: [{ url: info.serverUrl ?? '/' }],
    tags: tagsOf(listed).map((tag) => ({ ...tag })),
    paths,
    components: {
      securitySchemes: securitySchemesOf(listed, info.namesDemoTokens ?? false),
      examples: problemExamples(info, listed),
    },
  });
};
