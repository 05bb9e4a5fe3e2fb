import cors from 'cors';
import type { RequestHandler } from 'express';
import type { RouteContract } from '../route/contract.ts';

/** The response headers of the contracts, which browsers hide from scripts of other origins unless they are exposed. */
const promisedHeaders = (contracts: readonly RouteContract[]): string[] => {
  const responses = contracts.flatMap((contract) => Object.values(contract.responses));
  const names = responses.flatMap(({ headers = {} }) => Object.keys(headers));
  return [...new Set(['X-Request-Id', 'Retry-After', ...names])];
};

/** CORS: lets browsers call from these origins. OPTIONS requests that are not preflights continue to the routes. */
export const crossOrigin = (
  origins: readonly string[],
  contracts: readonly RouteContract[],
): RequestHandler => {
  const handle = cors({ origin: [...origins], exposedHeaders: promisedHeaders(contracts) });
  return (req, res, next) => {
    const isPlainOptions = req.method === 'OPTIONS' && !req.headers['access-control-request-method'];
    if (isPlainOptions) next();
    else handle(req, res, next);
  };
};
