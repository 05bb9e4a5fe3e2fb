export { type Accounts, type AccountsDeps, createAccounts } from './accounts.ts';
export type { AttemptLimiter } from './attempts/attempt-limiter.ts';
export { type AttemptLimiters, type AttemptLimits, createAttemptLimiters } from './attempts/attempts.ts';
export { accountOptions, accountSettings, accountsSettings } from './config.ts';
export { chooseMailer } from './mail/choose-mailer.ts';
export { type Deliver, MailRefusedError } from './mail/smtp-mailer.ts';
export { accountsMigrations } from './migrations.ts';
export { startAccounts } from './start-accounts.ts';
export type { AccountsTables } from './tables.ts';
