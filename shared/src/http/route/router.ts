import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { ProblemError } from '#src/problem/problem.ts';
import { contextOf } from '../app/request-context.ts';
import type { CallerKind, Callers } from './callers.ts';
import type { Reply, RouteContract } from './contract.ts';
import { identify } from './identify.ts';
import { type ContractRequest, requestParser } from './parse-request.ts';
import { replySender } from './reply.ts';
import type { RouterOptions } from './router-options.ts';

/** Answers a validated request. Its errors reach the error handler. */
type Handler<C extends RouteContract> = (
  req: ContractRequest<C>,
  res: Response,
) => Reply<C> | Promise<Reply<C>>;

/**
 * Code around a handler: gets the validated request, and a function that runs the handler on it. Replies with what the
 * handler replies, or with another documented reply.
 */
export type Around = (
  req: ContractRequest<RouteContract>,
  handle: () => Promise<Reply<RouteContract>>,
) => Promise<Reply<RouteContract>>;

/** A contract with its handler. Created by `route`, mounted by `createRouter`. */
export interface Route<C extends RouteContract = RouteContract> {
  readonly contract: C;
  /** Express middleware that runs before the caller is identified. */
  readonly before: readonly RequestHandler[];
  /** Express middleware that runs after the caller is identified and before the body is read. */
  readonly after: readonly RequestHandler[];
  readonly answer: (options: RouterOptions, around?: Around) => RequestHandler;
}

/** An Express router that knows the contracts of its routes. */
export interface ContractRouter extends Router {
  readonly contracts: readonly RouteContract[];
  /** What the router was created from, so that `guard` and `requireCaller` can create another. */
  readonly madeOf: { readonly routes: readonly Route[]; readonly options: RouterOptions };
}

interface RouteBuilder<C extends RouteContract> {
  readonly handle: (handler: Handler<C>) => Route<C>;
}

/**
 * `route(contract).handle(handler)` binds a handler to a contract. Express middleware passed after the contract runs
 * after the caller is identified and before the rest of the request is validated.
 */
export const route = <const C extends RouteContract>(
  contract: C,
  ...after: readonly RequestHandler[]
): RouteBuilder<C> => ({
  handle: (handler) => {
    const send = replySender(contract);
    const sendAny = replySender<RouteContract>(contract);
    const answer = (options: RouterOptions, around?: Around): RequestHandler => {
      const parse = requestParser(contract, options);
      if (around === undefined)
        return async (req: Request, res: Response): Promise<void> => {
          await send(req, res, await handler(await parse(req, res), res));
        };
      return async (req: Request, res: Response): Promise<void> => {
        const parsed = await parse(req, res);
        await sendAny(req, res, await around(parsed, async () => handler(parsed, res)));
      };
    };
    return { contract, before: [], after, answer };
  },
});

const nameRoute =
  ({ path }: RouteContract): RequestHandler =>
  (req, res, next) => {
    contextOf(req, res).route = path;
    next();
  };

/**
 * Stops an error that comes after the answer, most often because the deadline has passed. Express would otherwise close
 * the connection, on which the next request may be in progress.
 */
const dropLateErrors: ErrorRequestHandler = (error, req, res, next) => {
  if (!res.writableEnded) {
    next(error);
    return;
  }
  // A ProblemError is only an answer, and the client already has one.
  if (!(error instanceof ProblemError))
    contextOf(req, res).log.warn({ err: error }, 'failed after the answer');
};

type NamesCaller<Routes extends readonly Route[]> = Extract<
  Routes[number]['contract'],
  { readonly caller: CallerKind }
>;

type OptionsFor<Routes extends readonly Route[]> = [NamesCaller<Routes>] extends [never]
  ? [options?: RouterOptions]
  : [options: RouterOptions & { readonly callers: Callers }];

/** Mounts routes on a new Express router. Throws if two of them have the same method and path. */
export const mountRoutes = (routes: readonly Route[], options: RouterOptions): ContractRouter => {
  const router = express.Router();
  for (const { contract, before, after, answer } of routes) {
    const method = contract.method.toLowerCase() as Lowercase<RouteContract['method']>;
    const stages = [nameRoute(contract), ...before, ...identify(contract, options.callers), ...after];
    router[method](contract.path, ...stages, answer(options));
  }
  router.use(dropLateErrors);
  return Object.assign(router, {
    contracts: routes.map(({ contract }) => contract),
    madeOf: { routes, options },
  });
};

/**
 * Combines routes into an Express router that carries its contracts. Mount it with `express().use('/shop', router)`.
 * `callers` is required if a contract asks for a caller.
 */
export const createRouter = <const Routes extends readonly Route[]>(
  routes: Routes,
  ...[options = {}]: OptionsFor<Routes>
): ContractRouter => mountRoutes(routes, options);
