export { envConfigSettings, flagOptions, flagSettings } from './config.ts';
export { rolloutPlace } from './flags/evaluation.ts';
export type { FlagPort } from './flags/flags.ts';
export { onlyWhile, switchedOff } from './flags/only-while.ts';
export type { FlagTables } from './flags/override-store.ts';
export { type FlagOptions, type FlagsDeps, type RunningFlags, startFlags } from './flags/start-flags.ts';
export { flagMigrations } from './migrations.ts';
export { createEnvConfigRouters, type EnvConfigDeps } from './router.ts';
export { createWelcome, type Greeter, type WelcomeDeps } from './welcome.ts';
