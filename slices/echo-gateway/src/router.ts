import {
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  describeIssue,
  invalidRequest,
  ProblemError,
  route,
  type Tag,
  toFaults,
} from '@lab/shared/http';
import type { RequestHandler } from 'express';
import { Counter, type Registry } from 'prom-client';
import { z } from 'zod';
import { maskSensitive } from './masking.ts';
import { exampleCard, message, namedSchemas, paymentCard } from './named-schemas.ts';

export interface EchoDeps {
  readonly registry: Registry;
  readonly now: () => Date;
}

export const tag: Tag = {
  name: 'echo-gateway',
  description:
    'Validates requests at the edge and echoes valid ones. An error lists all faults of a request at once, and sensitive fields are always masked.',
};

const unknownSchema = defineProblem({
  code: 'unknown_schema',
  status: 404,
  title: 'No schema has this name',
  explanation: '`GET /schemas` lists the names. Use one of them.',
});

const received = {
  received_at: '2026-11-20T12:00:00.000Z',
  request_id: '019b76da-a800-7000-8000-00000000c0de',
};

const envelope = <Schema extends z.ZodType>(echo: Schema) =>
  z.strictObject({
    echo,
    received_at: z.iso.datetime({ precision: 3 }).meta({ example: received.received_at }),
    request_id: z.string().meta({ example: received.request_id }),
  });

const headers = { 'Server-Timing': 'Time spent in this server in milliseconds: `app;dur=<ms>`' };

const echoMessage = defineRoute({
  method: 'POST',
  path: '/echo',
  name: 'echoMessage',
  summary: 'Echo a valid message',
  tag,
  body: message,
  responses: { 200: { description: 'The received body', body: envelope(message), headers } },
});

const schemaName = z.string().max(64, 'must have at most 64 characters');

const echoBySchema = defineRoute({
  method: 'POST',
  path: '/echo/:schema',
  name: 'echoBySchema',
  summary: 'Echo a value of a named schema with its sensitive fields masked',
  tag,
  params: z.strictObject({ schema: schemaName.meta({ example: 'payment_card' }) }),
  body: z.unknown().meta({
    description: 'A value that matches the named schema; see `GET /schemas/{name}`',
    example: exampleCard,
  }),
  responses: {
    200: {
      description: 'The value, masked',
      body: envelope(z.unknown()),
      headers,
      example: { echo: maskSensitive(paymentCard, exampleCard), ...received },
    },
  },
  problems: [unknownSchema],
});

const schemaList = [...namedSchemas].map(([name, schema]) => ({
  name,
  description: schema.description ?? name,
}));

const listSchemas = defineRoute({
  method: 'GET',
  path: '/schemas',
  name: 'listSchemas',
  summary: 'List the named schemas',
  tag,
  responses: {
    200: {
      description: 'Their names and descriptions',
      body: z.strictObject({ items: z.array(z.strictObject({ name: z.string(), description: z.string() })) }),
      example: { items: schemaList },
    },
  },
});

// With an id, zod would write the whole schema as a reference to itself, so this copies the fields without the id.
const toJsonSchema = ({ shape, description = '' }: z.ZodObject) => ({
  ...z.toJSONSchema(z.strictObject(shape).describe(description), { io: 'input' }),
});

const readSchema = defineRoute({
  method: 'GET',
  path: '/schemas/:name',
  name: 'readSchema',
  summary: 'Read a schema as JSON Schema 2020-12',
  tag,
  params: z.strictObject({ name: schemaName.meta({ example: 'message' }) }),
  responses: {
    200: {
      description: 'The schema',
      body: z.looseObject({}),
      example: toJsonSchema(message),
      mediaType: 'application/schema+json',
    },
  },
  problems: [unknownSchema],
});

const schemaNamed = (name: string): z.ZodObject => {
  const schema = namedSchemas.get(name);
  if (!schema) throw new ProblemError(unknownSchema);
  return schema;
};

const validate = (schema: z.ZodObject, body: unknown): void => {
  const { error } = schema.safeParse(body, { error: describeIssue('body') });
  if (error) throw new ProblemError(invalidRequest, { errors: toFaults('body', error.issues) });
};

/** Counts answered requests by schema and outcome. Unknown schema names create no series. */
const countValidations = (registry: Registry) => {
  const validations = new Counter({
    name: 'echo_validations_total',
    help: 'Validated bodies, by schema and outcome',
    labelNames: ['schema', 'outcome'],
    registers: [registry],
  });
  const seriesOf = (schema: string) => {
    const accepted = validations.labels({ schema, outcome: 'accepted' });
    const rejected = validations.labels({ schema, outcome: 'rejected' });
    for (const series of [accepted, rejected]) series.inc(0);
    return [schema, { accepted, rejected }] as const;
  };
  const known = new Map<unknown, ReturnType<typeof seriesOf>[1]>([...namedSchemas.keys()].map(seriesOf));

  return (schemaOf: (params: Record<string, unknown>) => unknown): RequestHandler =>
    (req, res, next) => {
      const series = known.get(schemaOf(req.params));
      if (series) res.on('finish', () => series[res.statusCode === 200 ? 'accepted' : 'rejected'].inc());
      next();
    };
};

/** The routes of the echo gateway. */
export const createEchoRouter = ({ registry, now }: EchoDeps): ContractRouter => {
  const counted = countValidations(registry);

  const respond = <Echo>(echo: Echo, { requestId, elapsedMs }: { requestId: string; elapsedMs: number }) => ({
    status: 200 as const,
    headers: { 'Server-Timing': `app;dur=${elapsedMs.toFixed(3)}` },
    body: { echo, received_at: now().toISOString(), request_id: requestId },
  });

  return createRouter([
    route(
      echoMessage,
      counted(() => 'message'),
    ).handle((req) => respond(req.body, req.context)),
    route(
      echoBySchema,
      counted(({ schema }) => schema),
    ).handle((req) => {
      const schema = schemaNamed(req.params.schema);
      validate(schema, req.body);
      return respond(maskSensitive(schema, req.body), req.context);
    }),
    route(listSchemas).handle(() => ({
      status: 200,
      body: { items: schemaList },
    })),
    route(readSchema).handle((req) => ({
      status: 200,
      body: toJsonSchema(schemaNamed(req.params.name)),
    })),
  ]);
};
