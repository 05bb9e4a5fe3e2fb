/**
 * A read-through cache around the handlers of routes: their replies are kept as bytes and sent without running the
 * handler. For GET routes whose reply is the same for everyone. `Cache-Control` of a request is ignored (RFC 9111,
 * section 5.2.1, permits it): otherwise anyone could cause a load with each request.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { isKnownEtag } from '@lab/catalog-pagination';
import {
  type Around,
  type ContractRequest,
  type ContractRouter,
  ProblemError,
  type ProblemType,
  type Reply,
  type RouteContract,
  wrapHandlers,
} from '@lab/shared/http';
import { pageReply } from '@lab/shared/pagination';
import type { Lookup, ReadThrough } from './cache/read-through.ts';
import type { CachedReply } from './cached-reply.ts';

type AnyRequest = ContractRequest<RouteContract>;

export interface CachedRoute {
  readonly cache: ReadThrough<CachedReply>;
  readonly keyOf: (req: AnyRequest) => string;
  /** The problem by which the handler says that there is nothing. It is kept for the negative TTL. */
  readonly absent?: ProblemType;
  /** Whether to ask the handler for each request and to keep nothing. */
  readonly isOff?: boolean;
  /** Makes each load take longer, to see the effect of the cache, in milliseconds. */
  readonly originDelayMs?: number | undefined;
}

const addedHeaders = {
  'X-Cache': '`HIT`, `MISS`, `STALE` (a new one is being loaded) or `BYPASS` (the cache is off)',
  Age: 'Seconds since the answer was made (RFC 9111, section 5.1)',
};

const shown = { hit: 'HIT', miss: 'MISS', stale: 'STALE', bypass: 'BYPASS' } as const;

const bytesOf = (reply: Reply<RouteContract>): Buffer => {
  if ('text' in reply) return Buffer.from(reply.text);
  if ('bytes' in reply) return Buffer.from(reply.bytes);
  if ('body' in reply) return Buffer.from(JSON.stringify(reply.body));
  throw new TypeError('a stream cannot be cached');
};

const nextCursorOf = (reply: Reply<RouteContract>): string | undefined => {
  const body: unknown = 'body' in reply ? reply.body : undefined;
  if (typeof body !== 'object' || body === null || !('next_cursor' in body)) return undefined;
  return typeof body.next_cursor === 'string' ? body.next_cursor : undefined;
};

const toCached = (reply: Reply<RouteContract>): CachedReply => {
  if (reply.status !== 200) throw new TypeError(`a reply with status ${reply.status} cannot be cached`);
  const { Link: _, ...headers } = reply.headers ?? {};
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { headers: Object.fromEntries(entries), nextCursor: nextCursorOf(reply), bytes: bytesOf(reply) };
};

/** Loads for all requests with this key, so the handler must not see the condition of one of them. */
const loaderOf = (
  req: AnyRequest,
  handle: () => Promise<Reply<RouteContract>>,
  { absent, originDelayMs = 0 }: CachedRoute,
) => {
  return async (): Promise<CachedReply | undefined> => {
    if (originDelayMs > 0) await wait(originDelayMs);
    const { 'if-none-match': condition } = req.headers;
    delete req.headers['if-none-match'];
    try {
      return toCached(await handle());
    } catch (error) {
      if (error instanceof ProblemError && absent !== undefined && error.type.code === absent.code)
        return undefined;
      throw error;
    } finally {
      if (condition !== undefined) req.headers['if-none-match'] = condition;
    }
  };
};

const replyWith = (
  req: AnyRequest,
  { value, outcome, ageMs }: Lookup<CachedReply>,
  { absent }: CachedRoute,
): Reply<RouteContract> => {
  const added = { 'X-Cache': shown[outcome], Age: String(Math.floor(ageMs / 1000)) };
  if (value === undefined) {
    if (absent === undefined) throw new TypeError('nothing is cached for a route that always answers');
    throw new ProblemError(absent, { headers: added });
  }
  const { nextCursor } = value;
  const link = nextCursor && pageReply(req, { items: [], next_cursor: nextCursor }).headers;
  const headers = { ...value.headers, ...link, ...added };
  const condition = req.headers['if-none-match'];
  const etag = value.headers.ETag;
  if (condition !== undefined && etag !== undefined && isKnownEtag(etag, condition))
    return { status: 304, headers };
  return { status: 200, headers, bytes: value.bytes };
};

const around =
  (route: CachedRoute): Around =>
  async (req, handle) => {
    const load = loaderOf(req, handle, route);
    const lookup = await (route.isOff ? route.cache.bypass(load) : route.cache.get(route.keyOf(req), load));
    return replyWith(req, lookup, route);
  };

/**
 * The same router, with a cache around the named routes. A handler that runs answers for others who wait as well, so it
 * must not depend on the caller or stop when the client of its request leaves.
 */
export const cacheRoutes = (
  router: ContractRouter,
  routes: Readonly<Record<string, CachedRoute>>,
): ContractRouter =>
  wrapHandlers(
    router,
    Object.fromEntries(
      Object.entries(routes).map(([name, route]) => [name, { around: around(route), headers: addedHeaders }]),
    ),
  );
