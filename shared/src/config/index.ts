export { describeSettings } from './describe-settings.ts';
export { baseUrl } from './origins.ts';
export { callerSettings, databaseSettings, serverSettings } from './server-settings.ts';
export { defaultByEnvironment, onOff, secret, wholeNumber } from './setting.ts';
export { loadSettings, type Settings, SettingsError, type Source } from './settings.ts';
