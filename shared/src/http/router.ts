import type { Request, RequestHandler, Response } from 'express';
import type { Callers } from './callers.ts';
import type { Reply, RouteContract } from './contract.ts';
import { type ContractRequest, identify, requestParser } from './parse-request.ts';
import { replySender } from './reply.ts';

/** Answers a request that has passed its contract. What it throws reaches the error handler. */
export type Handler<C extends RouteContract> = (
  req: ContractRequest<C>,
  res: Response,
) => Reply<C> | Promise<Reply<C>>;

/** A route in full: an Express handler that reads the request by its contract, and answers it or rejects. */
export interface BoundRoute {
  readonly contract: RouteContract;
  readonly answer: (req: Request, res: Response) => Promise<void>;
}

export interface Route {
  readonly contract: RouteContract;
  readonly bind: (callers: Callers | undefined) => BoundRoute;
}

/** The routes of a slice, to be plugged into an app. */
export interface ContractRouter {
  readonly routes: readonly BoundRoute[];
  readonly contracts: readonly RouteContract[];
}

interface RouteBuilder<C extends RouteContract> {
  readonly handle: (handler: Handler<C>) => Route;
}

/** Resolves when the middleware calls `next`; never, where it answers by itself. */
const passed = (middleware: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    const next = (error?: unknown): void => (error ? reject(error) : resolve());
    Promise.resolve(middleware(req, res, next)).catch(reject);
  });

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

  const handle = (handler: Handler<C>): Route => {
    const bind = (callers: Callers | undefined): BoundRoute => {
      const identifyCaller = identify(contract, callers);
      const answer = async (req: Request, res: Response): Promise<void> => {
        req.context.route = contract.path;
        identifyCaller(req);
        for (const each of middleware) await passed(each, req, res);
        const reply = await handler(await parse(req), res);
        // A client whose bytes broke meanwhile has been told so already.
        if (!res.writableEnded) send(res, reply);
      };
      return { contract, answer };
    };
    return { contract, bind };
  };
  return { handle };
};

/** Gathers routes into a router. `callers` is needed as soon as one contract asks for a caller. */
export const createRouter = (
  routes: readonly Route[],
  { callers }: { readonly callers?: Callers } = {},
): ContractRouter => ({
  routes: routes.map(({ bind }) => bind(callers)),
  contracts: routes.map(({ contract }) => contract),
});
