import type { Callers } from './callers.ts';
import { type ContractRouter, mountRoutes, type Route } from './router.ts';

/** Who may call: everyone, only operators, or no one, as if the routes did not exist. */
type Audience = 'everybody' | 'operators' | 'nobody';

/** Who may see a server's documentation and its metrics. */
export interface Exposure {
  readonly docs: Audience;
  readonly metrics: Audience;
  /** Identifies operators. Required if an audience is `operators`. */
  readonly callers?: Callers;
}

export const openToAll: Exposure = { docs: 'everybody', metrics: 'everybody' };

/** The routes that someone may call. Those for operators require an operator. */
export const exposeRoutes = (routes: readonly Route[], exposure: Exposure): readonly Route[] =>
  routes.flatMap((route): readonly Route[] => {
    const { reveals, asksForToken } = route.contract;
    const audience = reveals === undefined ? 'everybody' : exposure[reveals];
    if (audience === 'nobody') return [];
    return [
      audience === 'everybody' || asksForToken
        ? route
        : { ...route, contract: { ...route.contract, caller: 'operator' } },
    ];
  });

/** The router with its revealing routes limited to their audience; the same object if it has none. */
export const exposeRouter = (router: ContractRouter, exposure: Exposure): ContractRouter => {
  const { routes, options } = router.madeOf;
  if (routes.every(({ contract }) => contract.reveals === undefined)) return router;
  return mountRoutes(exposeRoutes(routes, exposure), {
    ...options,
    callers: options.callers ?? exposure.callers,
  });
};

/** A router with only the routes that reveal something about the server. */
export const onlyRevealing = (router: ContractRouter): ContractRouter => {
  const { routes, options } = router.madeOf;
  return mountRoutes(
    routes.filter(({ contract }) => contract.reveals !== undefined),
    options,
  );
};
