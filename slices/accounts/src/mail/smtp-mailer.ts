import { createTransport } from 'nodemailer';
import type { Mailer } from './mailer.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://...` */
  readonly url: string;
  readonly from: string;
}

export interface SmtpMailer extends Mailer {
  /** Waits for the mails that are under way, and closes the connections. */
  readonly close: () => Promise<void>;
}

const MOST_UNDER_WAY = 200;
const LONGEST_WAIT_MS = 15_000;

/**
 * Sends mails by SMTP, behind the answers. A mail that fails, or that comes while too many are under way, is reported
 * and lost: its token is stored only as a hash, so the owner has to ask for another.
 */
export const createSmtpMailer = (
  { url, from }: SmtpOptions,
  { onError }: { readonly onError: (error: unknown) => void },
): SmtpMailer => {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: LONGEST_WAIT_MS,
    greetingTimeout: LONGEST_WAIT_MS,
    socketTimeout: LONGEST_WAIT_MS,
    // Mails are text: nothing is to be read from files or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const underWay = new Set<Promise<unknown>>();
  return {
    send: async ({ to, subject, text }) => {
      if (underWay.size >= MOST_UNDER_WAY) {
        onError(new Error('too many mails are under way'));
        return;
      }
      const sending = transport
        .sendMail({ from, to, subject, text })
        .catch(onError)
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    close: async () => {
      await Promise.all(underWay);
      transport.close();
    },
  };
};
