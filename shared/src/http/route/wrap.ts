import type { RequestHandler } from 'express';
import type { ProblemType } from '#src/problem/problem.ts';
import type { CallerKind, Callers } from './callers.ts';
import type { RouteContract } from './contract.ts';
import { type Around, type ContractRouter, mountRoutes, type Route } from './router.ts';

export interface GuardOptions {
  /** Problems that the middleware can answer with. Each guarded route documents them. */
  readonly problems: readonly ProblemType[];
  /** Whether it runs before the caller is identified, so that it also sees failed logins, or after (default). */
  readonly stage?: 'before-identification' | 'after-identification';
  /** Names of the contracts to guard (default: all of the router). */
  readonly only?: readonly string[];
}

const withProblems = (contract: RouteContract, problems: readonly ProblemType[]): RouteContract => ({
  ...contract,
  problems: [...(contract.problems ?? []), ...problems],
});

const requireNames = (routes: readonly Route[], names: readonly string[]): void => {
  const known = new Set(routes.map(({ contract }) => contract.name));
  for (const name of names) if (!known.has(name)) throw new Error(`the router has no route named ${name}`);
};

/**
 * The same router with middleware, such as a rate limit or an audit trail, in front of its routes. The middleware does
 * not affect other routers of the app, and its problems become part of the OpenAPI document.
 */
export const guard = (
  router: ContractRouter,
  middleware: RequestHandler,
  { problems, stage = 'after-identification', only }: GuardOptions,
): ContractRouter => {
  const { routes, options } = router.madeOf;
  requireNames(routes, only ?? []);
  const guarded = (route: Route): Route => {
    if (only && !only.includes(route.contract.name)) return route;
    const contract = withProblems(route.contract, problems);
    return stage === 'before-identification'
      ? { ...route, contract, before: [middleware, ...route.before] }
      : { ...route, contract, after: [middleware, ...route.after] };
  };
  return mountRoutes(routes.map(guarded), options);
};

export type CallerRequirement = CallerKind | { readonly caller: CallerKind; readonly permission: string };

/**
 * The same router, in which the named routes ask for a caller. For slices that are open to anyone when they run alone:
 * `requireCaller(giftRouter, callers, { grantGift: 'operator', readGift: 'either' })`.
 */
export const requireCaller = (
  router: ContractRouter,
  callers: Callers,
  requirements: Readonly<Record<string, CallerRequirement>>,
): ContractRouter => {
  const { routes, options } = router.madeOf;
  requireNames(routes, Object.keys(requirements));
  const required = (route: Route): Route => {
    const requirement = requirements[route.contract.name];
    if (requirement === undefined) return route;
    const asked = typeof requirement === 'string' ? { caller: requirement } : requirement;
    return { ...route, contract: { ...route.contract, ...asked } };
  };
  return mountRoutes(routes.map(required), { ...options, callers });
};

/** Code around the handler of a route, and the response headers that it adds to those of the contract. */
export interface HandlerWrap {
  readonly around: Around;
  /** What each header that it adds says, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

const withHeaders = (contract: RouteContract, headers: Readonly<Record<string, string>>): RouteContract => ({
  ...contract,
  responses: Object.fromEntries(
    Object.entries(contract.responses).map(([status, response]) => [
      status,
      { ...response, headers: { ...response.headers, ...headers } },
    ]),
  ),
});

/** The same router, with code such as a cache around the handlers of the named routes. */
export const wrapHandlers = (
  router: ContractRouter,
  wraps: Readonly<Record<string, HandlerWrap>>,
): ContractRouter => {
  const { routes, options } = router.madeOf;
  requireNames(routes, Object.keys(wraps));
  const wrapped = (route: Route): Route => {
    const wrap = wraps[route.contract.name];
    if (wrap === undefined) return route;
    const { around, headers = {} } = wrap;
    return {
      ...route,
      contract: withHeaders(route.contract, headers),
      answer: (answerOptions, outer) =>
        route.answer(
          answerOptions,
          outer === undefined ? around : (req, handle) => outer(req, () => around(req, handle)),
        ),
    };
  };
  return mountRoutes(routes.map(wrapped), options);
};
