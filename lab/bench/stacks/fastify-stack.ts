import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { fastify, LogController } from 'fastify';
import metrics from 'fastify-metrics';
import { openCatalog, orders, type ProductQuery } from './catalog.ts';
import {
  corsOrigins,
  createLogDestination,
  durationBuckets,
  exitOnSignal,
  requestIdPattern,
} from './stack-settings.ts';

/**
 * Fastify as its documentation recommends: schemas for requests and responses, helmet, cors, its own logger, metrics.
 */
const { DATABASE_URL, CURSOR_SECRET = '', PORT } = process.env;

const app = fastify({
  logger: { level: 'info', stream: createLogDestination() },
  // Fastify would write two lines for each request. The hook below writes one, like the other servers.
  logController: new LogController({ disableRequestLogging: true }),
  bodyLimit: 65_536,
  genReqId: (req) => {
    const given = req.headers['x-request-id'];
    return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID();
  },
  // Like the other servers, refuses unknown fields and does not accept text for numbers.
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allowUnionTypes: true } },
});

app.addHook('onRequest', (request, reply, done) => {
  reply.header('X-Request-Id', request.id);
  done();
});
app.addHook('onResponse', (request, reply, done) => {
  const { method, url } = request;
  request.log.info(
    { req: { method, url }, res: { statusCode: reply.statusCode }, responseTime: reply.elapsedTime },
    'request completed',
  );
  done();
});

await app.register(helmet);
await app.register(cors, { origin: corsOrigins });
// Only the histogram, because the other servers have no summaries.
await app.register(metrics.default, {
  endpoint: '/metrics',
  routeMetrics: {
    overrides: { histogram: { buckets: durationBuckets } },
    enabled: { histogram: true, summary: false },
  },
});

const text = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength });
const bodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['message'],
  properties: {
    message: text(1, 1000),
    tags: { type: 'array', maxItems: 10, items: text(1, 40) },
    metadata: {
      type: 'object',
      maxProperties: 20,
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
  },
};
const envelopeSchema = {
  type: 'object',
  properties: { echo: {}, received_at: { type: 'string' }, request_id: { type: 'string' } },
};

app.post(
  '/echo',
  { schema: { body: bodySchema, response: { 200: envelopeSchema } } },
  async (request, reply) => {
    reply.header('Server-Timing', `app;dur=${reply.elapsedTime.toFixed(3)}`);
    return { echo: request.body, received_at: new Date().toISOString(), request_id: request.id };
  },
);

const querySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'string', pattern: '^(?:[1-9]\\d?|100)$', default: '20' },
    cursor: { type: 'string' },
    sort: { enum: Object.keys(orders), default: 'newest' },
    category: { type: 'string', pattern: '^[a-z0-9.-]{1,100}$' },
    currency: { type: 'string', pattern: '^[A-Z]{3}$', default: 'USD' },
  },
};
const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
const productSchema = {
  type: 'object',
  properties: {
    ...texts('id', 'sku', 'name', 'category'),
    price: { type: 'object', properties: texts('amount', 'currency') },
    in_stock: { type: 'boolean' },
    ...texts('created_at'),
  },
};
const pageSchema = {
  type: 'object',
  properties: {
    items: { type: 'array', items: productSchema },
    next_cursor: { type: ['string', 'null'] },
  },
};

if (DATABASE_URL !== undefined) {
  const readPage = openCatalog(DATABASE_URL, CURSOR_SECRET);
  app.get<{ Querystring: Omit<ProductQuery, 'limit'> & { limit: string } }>(
    '/products',
    { schema: { querystring: querySchema, response: { 200: pageSchema } } },
    async ({ query, url }, reply) => {
      const page = readPage({ ...query, limit: Number(query.limit) }, url);
      if (page?.link !== undefined) reply.header('Link', page.link);
      return page?.body ?? reply.code(400).send({ status: 400, title: 'Invalid cursor' });
    },
  );
}

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
exitOnSignal();
