import { loadSettings } from '@lab/shared/config';
import { envConfigSettings, rolloutPlace } from '../src/index.ts';
import { isOnAtRandom, isOnByStage, isOnByUser, readAdminToken, readPort } from './naive-flags.ts';

export const USERS = 10_000;

const users = Array.from({ length: USERS }, (_, index) => String(index + 1));
const count = (test: (user: string) => boolean): number => users.filter(test).length;
const isOn = (key: string, user: string, percent: number) => rolloutPlace(key, user) < percent;

const changes = (ask: (user: string) => boolean) =>
  count((user) => {
    const first = ask(user);
    return ask(user) !== first;
  });

/** Users who see another page when they load it again, in a rollout of 10%. */
export const flickers = () => ({
  naive: changes(() => isOnAtRandom(10)),
  ours: changes((user) => isOn('layout', user, 10)),
});

/** Users who had the feature at 10% and have lost it at 20%. */
export const losses = () => ({
  naive: count((user) => isOnByStage('layout', user, 10) && !isOnByStage('layout', user, 20)),
  ours: count((user) => isOn('layout', user, 10) && !isOn('layout', user, 20)),
});

const experiments = ['layout', 'search', 'checkout', 'gifts', 'badge'];

/** Users who are in all five experiments, each for 10%: by chance, one in 100,000. */
export const guineaPigs = () => ({
  naive: count((user) => experiments.every(() => isOnByUser(user, 10))),
  ours: count((user) => experiments.every((key) => isOn(key, user, 10))),
});

const broken: readonly NodeJS.ProcessEnv[] = [
  { PORT: 'eighty' },
  { PORT: '70000' },
  { FLAGS_POLL_MS: '1s' },
  { FLAGS_POLL_MS: '0' },
  { ADMIN_TOKEN: 'short' },
  { APP_ENV: 'prod' },
  { HOST: '0.0.0.0' },
  { APP_ENV: 'production' },
  { APP_ENV: 'production', ADMIN_TOKEN: 'dev-admin-token' },
  { NODE_ENV: 'production' },
];

export const BROKEN = broken.length;

const starts = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

/** Servers that start with settings that are wrong or unsafe. */
export const started = () => ({
  naive: broken.filter((env) => starts(() => [readPort(env), readAdminToken(env)])).length,
  ours: broken.filter((env) =>
    starts(() => loadSettings(envConfigSettings, { directory: '/var/empty', env })),
  ).length,
});

/** One user in a rollout that grows, and is asked about three times at each stage. */
export const journey = () => {
  const tell = (ask: (percent: number) => boolean) =>
    [10, 20, 40]
      .map((percent) => `${percent}%: ${[1, 2, 3].map(() => (ask(percent) ? 'on' : 'off')).join(' ')}`)
      .join(', ');
  return { naive: tell(isOnAtRandom), ours: tell((percent) => isOn('layout', '1', percent)) };
};
