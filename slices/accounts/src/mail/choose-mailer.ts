import type { Executor } from '@lab/shared/database';
import type { MailTables } from '../tables.ts';
import { createTableMailer } from './dev-mails.ts';
import { createNoMailer, type Mailer } from './mailer.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

interface Deps {
  readonly db: Executor<MailTables>;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly logger?: { readonly warn: (fields: object, message: string) => void } | undefined;
  /** Waits for mails under way when the server stops. */
  readonly resources?: AsyncDisposableStack | undefined;
}

interface MailSettings {
  readonly APP_ENV: string;
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM: string;
}

/** Whether `GET /dev/mails` shows the mails of a server with these settings. */
export const keepsMails = ({ APP_ENV, SMTP_URL }: MailSettings): boolean =>
  SMTP_URL === undefined && APP_ENV !== 'production';

/** The mailer of these settings: by SMTP, to a table in development, or to nobody. */
export const chooseMailer = ({ logger, resources, ...deps }: Deps, settings: MailSettings): Mailer => {
  if (settings.SMTP_URL !== undefined) {
    const onError = (error: unknown) => logger?.warn({ err: error }, 'a mail was not sent');
    const mailer = createSmtpMailer({ url: settings.SMTP_URL, from: settings.MAIL_FROM }, { onError });
    resources?.defer(() => mailer.close());
    return mailer;
  }
  if (keepsMails(settings)) return createTableMailer(deps);
  return createNoMailer((subject) => logger?.warn({ subject }, 'a mail was not sent: SMTP_URL is not set'));
};
