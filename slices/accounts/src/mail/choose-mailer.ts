import type { Executor } from '@lab/shared/database';
import type { MailTables } from '../tables.ts';
import { createTableMailer } from './dev-mails.ts';
import { createNoMailer, type Mailer } from './mailer.ts';
import { createBackgroundMailer, createSmtpDelivery, type Deliver } from './smtp-mailer.ts';

interface Deps {
  readonly db: Executor<MailTables>;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly logger?: { readonly warn: (fields: object, message: string) => void } | undefined;
  /** Waits for mails under way when the server stops. */
  readonly resources?: AsyncDisposableStack | undefined;
  /** Around each delivery by SMTP, such as attempts that repeat it (default: one attempt). */
  readonly around?: ((deliver: Deliver) => Deliver) | undefined;
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
export const chooseMailer = (
  { logger, resources, around = (deliver) => deliver, ...deps }: Deps,
  settings: MailSettings,
): Mailer => {
  if (settings.SMTP_URL !== undefined) {
    const onError = (error: unknown) => logger?.warn({ err: error }, 'a mail was not sent');
    const smtp = createSmtpDelivery({ url: settings.SMTP_URL, from: settings.MAIL_FROM });
    const mailer = createBackgroundMailer({ deliver: around(smtp.deliver), newId: deps.newId, onError });
    resources?.defer(async () => {
      await mailer.settle();
      smtp.close();
    });
    return mailer;
  }
  if (keepsMails(settings)) return createTableMailer(deps);
  return createNoMailer((subject) => logger?.warn({ subject }, 'a mail was not sent: SMTP_URL is not set'));
};
