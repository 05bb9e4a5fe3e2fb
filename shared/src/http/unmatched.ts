import type { Express, Request, Response } from 'express';
import { methodNotAllowed, notFound } from './common-problems.ts';
import type { RouteContract } from './contract.ts';
import { ProblemError } from './problem.ts';

const allowedMethods = (contracts: readonly RouteContract[]): string => {
  const methods = new Set<string>(contracts.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods.add('OPTIONS')].sort().join(', ');
};

/**
 * What no route took: OPTIONS and other methods of a known path are answered with `Allow` (RFC 9110, sections
 * 9.3.7 and 15.5.6), unknown paths with 404. To be mounted behind all routes.
 */
export const mountUnmatched = (app: Express, contracts: readonly RouteContract[]): void => {
  for (const [path, ofPath] of Map.groupBy(contracts, (contract) => contract.path)) {
    const allow = allowedMethods(ofPath);
    app.all(path, (req: Request, res: Response) => {
      req.context.route = path;
      if (req.method !== 'OPTIONS') throw new ProblemError(methodNotAllowed, { headers: { Allow: allow } });
      res.status(204).setHeader('Allow', allow).end();
    });
  }
  app.use(() => {
    throw new ProblemError(notFound);
  });
};
