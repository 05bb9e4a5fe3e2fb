import type { Callers } from './callers.ts';
import { type ContractRouter, mountRoutes, type Route } from './router.ts';

/** Whom routes answer: everybody, operators only, or nobody, as if there were no such routes. */
type Audience = 'everybody' | 'operators' | 'nobody';

/** Who may see a server's documentation and its metrics. */
export interface Exposure {
  readonly docs: Audience;
  readonly metrics: Audience;
  /** Knows the operators; needed where an audience is `operators`. */
  readonly callers?: Callers;
}

export const openToAll: Exposure = { docs: 'everybody', metrics: 'everybody' };

/** The routes that are there for anybody; those that are for operators ask for one. */
export const exposeRoutes = (routes: readonly Route[], exposure: Exposure): readonly Route[] =>
  routes.flatMap((route): readonly Route[] => {
    const { reveals } = route.contract;
    const audience = reveals === undefined ? 'everybody' : exposure[reveals];
    if (audience === 'nobody') return [];
    return [
      audience === 'everybody' ? route : { ...route, contract: { ...route.contract, caller: 'operator' } },
    ];
  });

/** A router like the given one; the very same where none of its routes reveals anything. */
export const exposeRouter = (router: ContractRouter, exposure: Exposure): ContractRouter => {
  const { routes, options } = router.madeOf;
  if (routes.every(({ contract }) => contract.reveals === undefined)) return router;
  return mountRoutes(exposeRoutes(routes, exposure), {
    ...options,
    callers: options.callers ?? exposure.callers,
  });
};

/** The part of a router that shows the server itself. */
export const onlyRevealing = (router: ContractRouter): ContractRouter => {
  const { routes, options } = router.madeOf;
  return mountRoutes(
    routes.filter(({ contract }) => contract.reveals !== undefined),
    options,
  );
};
