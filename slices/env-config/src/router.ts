import type { ContractRouter } from '@lab/shared/http';
import { createFlagRouter, type FlagRouterDeps } from './flags/router.ts';
import { createSettingsRouter, type SettingsRouterDeps } from './settings-router.ts';
import { createTimeOfDayGreeter, createWelcomeRouter, plainGreeter } from './welcome.ts';

export interface EnvConfigDeps extends FlagRouterDeps, SettingsRouterDeps {
  readonly now: () => Date;
}

/** All routes of env-config. The parts of the welcome are chosen here, in one place that nothing else knows. */
export const createEnvConfigRouters = ({ now, flags, ...deps }: EnvConfigDeps): readonly ContractRouter[] => [
  createFlagRouter({ flags, ...deps }),
  createSettingsRouter(deps),
  createWelcomeRouter(
    {
      flags,
      greeters: { plain: plainGreeter, byTimeOfDay: createTimeOfDayGreeter({ now }) },
      offer: () => 'Free shipping from $50',
    },
    flags,
  ),
];
