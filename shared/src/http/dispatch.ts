import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { malformedRequest, malformedUrl, methodNotAllowed, notFound } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';
import type { RouteContract } from './contract.ts';
import type { BoundRoute } from './router.ts';

/**
 * Refuses what no route can be chosen for: a path that is not percent-encoded correctly, and a request without
 * `Host` (RFC 9112, section 3.2).
 */
const refuseBroken = (req: Request): void => {
  if (req.headers.host === undefined && req.httpVersion === '1.1') throw new ProblemError(malformedRequest);
  try {
    if (req.path.includes('%')) decodeURIComponent(req.path);
  } catch {
    throw new ProblemError(malformedUrl);
  }
};

const allowedMethods = (contracts: readonly RouteContract[]): string => {
  const methods = new Set<string>(contracts.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods.add('OPTIONS')].sort().join(', ');
};

/**
 * Behind the routes of a path: OPTIONS and other methods are answered with `Allow` (RFC 9110, sections 9.3.7 and
 * 15.5.6).
 */
const otherMethods = (path: string, contracts: readonly RouteContract[]): RequestHandler => {
  const headers = { Allow: allowedMethods(contracts) };
  return (req: Request, res: Response) => {
    req.context.route = path;
    if (req.method !== 'OPTIONS') throw new ProblemError(methodNotAllowed, { headers });
    res.writeHead(204, headers).end();
  };
};

const routerOf = (routes: readonly BoundRoute[]): Router => {
  const router = express.Router();
  for (const { contract, answer } of routes) {
    router[contract.method.toLowerCase() as Lowercase<RouteContract['method']>](contract.path, answer);
  }
  const contracts = routes.map(({ contract }) => contract);
  for (const [path, ofPath] of Map.groupBy(contracts, (contract) => contract.path)) {
    router.all(path, otherMethods(path, ofPath));
  }
  return router;
};

const hasParameters = (path: string): boolean => /[:*{]/.test(path);

/** `products` of `/products/:id`. Express takes paths in either case. */
const firstSegment = (path: string): string => {
  const end = path.indexOf('/', 1);
  return (end === -1 ? path.slice(1) : path.slice(1, end)).toLowerCase();
};

const refuseUnclear = (contracts: readonly RouteContract[]): void => {
  const seen = new Set<string>();
  for (const { method, path } of contracts) {
    if (hasParameters(firstSegment(path)))
      throw new Error(`${path}: the first segment of a path must be fixed`);
    const shape = `${method} ${path.replaceAll(/:\w+/g, ':')}`;
    if (seen.has(shape)) throw new Error(`two routes answer ${shape}`);
    seen.add(shape);
  }
};

/** The routes without parameters, by path and method. */
const exactRoutes = (routes: readonly BoundRoute[]) => {
  const fixed = routes.filter(({ contract }) => !hasParameters(contract.path));
  const byPath = Map.groupBy(fixed, ({ contract }) => contract.path);
  return new Map(
    [...byPath].map(([path, ofPath]) => [
      path,
      new Map<string, BoundRoute>(ofPath.map((route) => [route.contract.method, route])),
    ]),
  );
};

const routersBySegment = (routes: readonly BoundRoute[]): ReadonlyMap<string, Router> =>
  new Map(
    [...Map.groupBy(routes, ({ contract }) => firstSegment(contract.path))].map(([segment, ofSegment]) => [
      segment,
      routerOf(ofSegment),
    ]),
  );

/**
 * Hands a request to its route. Express tries the templates of a router in turn; here a path without parameters is
 * looked up, and of the others each first segment has a router of its own: what a request costs does not grow with the
 * number of slices on the app. Throws where two routes have the same method and path.
 */
export const createDispatcher = (routes: readonly BoundRoute[]): RequestHandler => {
  refuseUnclear(routes.map(({ contract }) => contract));
  const exact = exactRoutes(routes);
  const routers = routersBySegment(routes);
  const refuse = (): never => {
    throw new ProblemError(notFound);
  };
  return (req, res, next) => {
    refuseBroken(req);
    const route = exact.get(req.path)?.get(req.method);
    if (route) return route.answer(req, res);
    const router = routers.get(firstSegment(req.path)) ?? refuse();
    return router(req, res, (error?: unknown) => (error ? next(error) : refuse()));
  };
};
