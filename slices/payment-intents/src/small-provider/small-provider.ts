/**
 * A payment provider to try things with, and to break. It speaks the part of Stripe's API that this slice uses, over HTTP
 * on a port of its own, and misbehaves on request: see README.md. It keeps its state in a SQLite file, so that it
 * outlives the shop.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { transact } from '@lab/shared/database';
import * as calls from './calls.ts';
import * as intents from './intent-operations.ts';
import { faultSchema, noFaults, type ProviderFaults } from './provider-faults.ts';
import { openState, type State } from './provider-state.ts';
import * as refunds from './refund-operations.ts';
import { createWebhookSender } from './webhook-sender.ts';

export interface SmallProviderOptions {
  readonly databaseUrl: string;
  readonly webhookSecret: string;
  readonly webhookUrl?: string | undefined;
  /** 0 for any free one. */
  readonly port?: number;
  readonly random?: () => number;
  readonly now?: () => Date;
  /** Told of each request to its API, for example `POST /v1/refunds`. */
  readonly onRequest?: (line: string) => void;
}

type Answer = calls.Answer;

const readBody = async (req: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
};

const sendJson = (res: ServerResponse, { status, body }: Answer): void => {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
};

/** Carries a POST out once for its key, and answers every repeat with the first answer. */
const oncePerKey = (
  db: State,
  path: string,
  call: calls.Call,
  work: (trx: Parameters<typeof intents.createIntent>[0]) => Promise<Answer>,
): Promise<Answer> =>
  transact(db, async (trx) => {
    const { key, params } = call;
    if (key === null) return work(trx);
    const request = createHash('sha256').update(`${path}\n${params}`).digest('hex');
    const known = await trx.selectFrom('provider_keys').selectAll().where('key', '=', key).executeTakeFirst();
    if (known && known.request !== request)
      return calls.failure(400, {
        type: 'idempotency_error',
        message: 'The key was used for another request',
      });
    if (known) return { status: known.status, body: JSON.parse(known.body) };
    const { status, body } = await work(trx);
    await trx
      .insertInto('provider_keys')
      .values({ key, request, status, body: JSON.stringify(body) })
      .execute();
    return { status, body };
  });

const post = (db: State, path: string, call: calls.Call): Promise<Answer> | undefined => {
  const [, id = '', action] = /^\/v1\/payment_intents\/(\w+)\/(confirm|cancel)$/.exec(path) ?? [];
  const run = (work: Parameters<typeof oncePerKey>[3]) => oncePerKey(db, path, call, work);
  if (path === '/v1/payment_intents') return run((trx) => intents.createIntent(trx, call));
  if (path === '/v1/refunds') return run((trx) => refunds.createRefund(trx, call));
  if (action === 'confirm') return run((trx) => intents.confirmIntent(trx, id, call));
  if (action === 'cancel') return run((trx) => intents.cancelIntent(trx, id, call));
  return undefined;
};

const get = (db: State, path: string, params: URLSearchParams): Promise<Answer> | undefined => {
  const [, id] = /^\/v1\/payment_intents\/(\w+)$/.exec(path) ?? [];
  if (path === '/v1/payment_intents') return intents.listIntents(db, params);
  if (path === '/v1/refunds') return refunds.listRefunds(db, params);
  return id === undefined ? undefined : intents.readIntent(db, id);
};

const nothingThere = calls.failure(404, { message: 'Unrecognized request URL' });

/** Starts it. Resolves with its URL and with what a test needs to steer it. */
export const startSmallProvider = async ({
  databaseUrl,
  webhookSecret,
  webhookUrl,
  port = 0,
  random = Math.random,
  now = () => new Date(),
  onRequest = () => undefined,
}: SmallProviderOptions) => {
  const db = await openState(databaseUrl);
  let faults: ProviderFaults = noFaults;
  let target = webhookUrl;
  const sender = createWebhookSender({
    db,
    now,
    random,
    faults: () => faults,
    target: () => target,
    secret: webhookSecret,
  });
  const happens = (percent: number): boolean => random() * 100 < percent;

  const answerApi = async (req: IncomingMessage, url: URL): Promise<Answer> => {
    if (!/^Bearer sk_test_\w+$/.test(req.headers.authorization ?? ''))
      return calls.failure(401, { message: 'Invalid API key' });
    if (req.method === 'GET') return (await get(db, url.pathname, url.searchParams)) ?? nothingThere;
    const key = req.headers['idempotency-key'];
    const params = new URLSearchParams(await readBody(req));
    const call = { params, key: typeof key === 'string' ? key : null, now: now() };
    const answer = await post(db, url.pathname, call);
    await sender.sendNew();
    return answer ?? nothingThere;
  };

  const control = async (req: IncomingMessage, url: URL): Promise<Answer> => {
    const text = await readBody(req);
    const [, intent] = /^\/control\/authenticate\/(\w+)$/.exec(url.pathname) ?? [];
    if (intent !== undefined) {
      const isGenuine = url.searchParams.get('outcome') !== 'failure';
      const answer = await transact(db, (trx) =>
        intents.authenticateIntent(trx, intent, { isGenuine, now: now() }),
      );
      await sender.sendNew();
      return answer;
    }
    if (url.pathname !== '/control/faults') return nothingThere;
    const wanted = req.method === 'GET' ? undefined : faultSchema.safeParse(JSON.parse(text || '{}'));
    if (wanted && !wanted.success) return calls.failure(400, { message: wanted.error.message });
    if (wanted) faults = wanted.data;
    return { status: 200, body: faults };
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(`http://provider${req.url}`);
    if (url.pathname.startsWith('/control/')) return sendJson(res, await control(req, url));
    onRequest(`${req.method} ${url.pathname}`);
    const { slow, delay_ms, unavailable, refuse_refund, error_after, cut_after } = faults;
    if (happens(unavailable))
      return sendJson(res, calls.failure(503, { type: 'api_error', message: 'as you asked' }));
    const isRefund = req.method === 'POST' && url.pathname === '/v1/refunds';
    if (isRefund && happens(refuse_refund))
      return sendJson(res, calls.failure(400, { message: 'as you asked' }));
    const given = await answerApi(req, url);
    if (happens(slow)) await wait(delay_ms, undefined, { ref: false });
    if (happens(cut_after)) return void res.destroy();
    if (happens(error_after))
      return sendJson(res, calls.failure(500, { type: 'api_error', message: 'as you asked' }));
    sendJson(res, given);
  };

  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.destroy());
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  await sender.sendNew();

  return {
    url: `http://127.0.0.1:${address.port}`,
    db,
    /** Sends events there from now on. */
    sendEventsTo: (next: string | undefined): void => {
      target = next;
    },
    setFaults: (next: Partial<ProviderFaults>): void => {
      faults = { ...noFaults, ...next };
    },
    eventsUnderWay: sender.waiting,
    close: async (): Promise<void> => {
      sender.stop();
      server.close();
      server.closeAllConnections();
      await db.destroy();
    },
  };
};

export type SmallProvider = Awaited<ReturnType<typeof startSmallProvider>>;
