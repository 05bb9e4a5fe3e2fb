import express, { type RequestHandler, type Router } from 'express';
import { methodNotAllowed, notFound } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import type { RouteContract } from '../route/contract.ts';
import { contextOf } from './request-context.ts';

/** A route for all methods answers each of them itself. */
const ofOneMethod = ({ method }: RouteContract): boolean => method !== 'ALL';

const allowedMethods = (contracts: readonly RouteContract[]): string => {
  const methods = new Set<string>(contracts.filter(ofOneMethod).map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods.add('OPTIONS')].sort().join(', ');
};

const byPath = (contracts: readonly RouteContract[], answer: (allow: string) => RequestHandler): Router => {
  const router = express.Router();
  for (const [path, ofPath] of Map.groupBy(contracts.filter(ofOneMethod), ({ path }) => path)) {
    const handle = answer(allowedMethods(ofPath));
    router.all(path, (req, res, next) => {
      contextOf(req, res).route = path;
      return handle(req, res, next);
    });
  }
  return router;
};

/** Before the routes: answers OPTIONS with `Allow`, which for `*` lists all methods (RFC 9110, section 9.3.7). */
export const answerOptions = (contracts: readonly RouteContract[]): RequestHandler => {
  const ofServer = allowedMethods(contracts);
  const router = byPath(contracts, (allow) => (_req, res) => {
    res.writeHead(204, { Allow: allow }).end();
  });
  return (req, res, next) => {
    if (req.method !== 'OPTIONS') next();
    else if (req.url === '*') res.writeHead(204, { Allow: ofServer }).end();
    else router(req, res, next);
  };
};

/** After the routes: answers 405 if the path exists but does not support the method (RFC 9110, section 15.5.6). */
export const refuseOtherMethods = (contracts: readonly RouteContract[]): RequestHandler =>
  byPath(contracts, (allow) => () => {
    throw new ProblemError(methodNotAllowed, { headers: { Allow: allow } });
  });

/** Last: answers 404, because no route has this path. */
export const refuseUnknownPaths: RequestHandler = () => {
  throw new ProblemError(notFound);
};
