import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Callers } from './callers.ts';
import type { Reply, RouteContract } from './contract.ts';
import { type ContractRequest, identify, requestParser } from './parse-request.ts';
import { replySender } from './reply.ts';

/** Answers a request that has passed its contract. What it throws reaches the error handler. */
export type Handler<C extends RouteContract> = (
  req: ContractRequest<C>,
  res: Response,
) => Reply<C> | Promise<Reply<C>>;

export interface Route {
  readonly contract: RouteContract;
  readonly mount: (router: Router, callers: Callers | undefined) => void;
}

/** An ordinary Express router that also knows the contracts of its routes. */
export type ContractRouter = Router & { readonly contracts: readonly RouteContract[] };

interface RouteBuilder<C extends RouteContract> {
  readonly handle: (handler: Handler<C>) => Route;
}

/**
 * `route(contract).handle(handler)`: ties a handler to a contract. The Express middleware given beside the
 * contract runs after the caller is known and before the rest of the request is read, where rate limits belong.
 */
export const route = <const C extends RouteContract>(
  contract: C,
  ...middleware: readonly RequestHandler[]
): RouteBuilder<C> => {
  const parse = requestParser(contract);
  const send = replySender(contract);
  const method = contract.method.toLowerCase() as Lowercase<C['method']>;

  const handle = (handler: Handler<C>): Route => {
    const answer = async (req: Request, res: Response): Promise<void> => {
      const reply = await handler(await parse(req), res);
      // A client whose bytes broke meanwhile has been told so already.
      if (!res.writableEnded) send(res, reply);
    };
    const mount = (router: Router, callers: Callers | undefined): void => {
      router[method](contract.path, enter(contract, callers), ...middleware, answer);
    };
    return { contract, mount };
  };
  return { handle };
};

const enter = (contract: RouteContract, callers: Callers | undefined): RequestHandler => {
  const identifyCaller = identify(contract, callers);
  return (req, _res, next) => {
    req.context.route = contract.path;
    identifyCaller(req);
    next();
  };
};

/** Gathers routes into a router. `callers` is needed as soon as one contract asks for a caller. */
export const createRouter = (
  routes: readonly Route[],
  { callers }: { readonly callers?: Callers } = {},
): ContractRouter => {
  const router = express.Router();
  for (const { mount } of routes) mount(router, callers);
  return Object.assign(router, { contracts: routes.map(({ contract }) => contract) });
};
