import { hash } from 'node:crypto';

let draws = 0;

/** Numbers from 0 to 1, the same in every run, so that the story can be told again. */
const random = (): number => {
  draws += 1;
  return hash('sha256', `draw ${draws}`, 'buffer').readUInt32BE(0) / 2 ** 32;
};

// #region heart
/** A tenth of the users? A tenth of the requests. */
export const isOnAtRandom = (percent: number) => random() * 100 < percent;

/** A new draw for each stage of the rollout. */
export const isOnByStage = (key: string, user: string, percent: number) =>
  Number.parseInt(hash('sha256', `${key}:${percent}:${user}`).slice(0, 8), 16) % 100 < percent;

/** The same users first, in every rollout. */
export const isOnByUser = (user: string, percent: number) =>
  Number.parseInt(hash('sha256', user).slice(0, 8), 16) % 100 < percent;

/** Starts with whatever there is. */
export const readPort = (env: NodeJS.ProcessEnv) => Number(env.PORT ?? 3009);
// #endregion

const settings: Record<string, string | undefined> = {};

/** What an operator writes while the server runs. */
export const setFlag = (name: string, text: string): void => {
  settings[name] = text;
};

/** Read wherever it is needed, as often as it is needed. */
export const isOnInSettings = (name: string) => settings[name] === 'on';

/** The secret that is in the repository, where nothing else is set. */
export const readAdminToken = (env: NodeJS.ProcessEnv) => env.ADMIN_TOKEN ?? 'dev-admin-token';
