import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { methodNotAllowed, notFound } from './common-problems.ts';
import type { RouteContract } from './contract.ts';
import { ProblemError } from './problem.ts';

const allowedMethods = (contracts: readonly RouteContract[]): string => {
  const methods = new Set<string>(contracts.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods.add('OPTIONS')].sort().join(', ');
};

/**
 * What no route takes: OPTIONS and other methods of a known path are answered with `Allow` (RFC 9110, sections
 * 9.3.7 and 15.5.6), unknown paths with 404. One path may have its methods in several routers.
 */
export const createUnmatchedRouter = (contracts: readonly RouteContract[]): Router => {
  const router = express.Router();
  for (const [path, ofPath] of Map.groupBy(contracts, (contract) => contract.path)) {
    const allow = allowedMethods(ofPath);
    router.all(path, (req: Request, res: Response) => {
      req.context.route = path;
      if (req.method !== 'OPTIONS') throw new ProblemError(methodNotAllowed, { headers: { Allow: allow } });
      res.status(204).setHeader('Allow', allow).end();
    });
  }
  router.use(() => {
    throw new ProblemError(notFound);
  });
  return router;
};

/** Sends OPTIONS past the routes: each Express router would answer it with its own methods alone. */
export const onlyOptions =
  (unmatched: Router): RequestHandler =>
  (req, res, next) => {
    if (req.method === 'OPTIONS') unmatched(req, res, next);
    else next();
  };
