export { type DescribedSettings, describeSettings } from './describe-settings.ts';
export { callerSettings, databaseSettings, serverSettings } from './server-settings.ts';
export { commaList, defaultByEnvironment, type Environment, onOff, secret, wholeNumber } from './setting.ts';
export { loadSettings, type Settings, SettingsError, type Source } from './settings.ts';
export { StartError } from './start-error.ts';
