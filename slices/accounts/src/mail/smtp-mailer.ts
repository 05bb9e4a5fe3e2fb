import { createTransport } from 'nodemailer';
import type { Mail, Mailer } from './mailer.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://...` */
  readonly url: string;
  readonly from: string;
}

/** One mail on its way. The id is the same in every attempt, so that whoever receives it twice can see that. */
interface Letter extends Omit<Mail, 'token'> {
  readonly id: string;
}

/** Sends a mail. Rejects if the mail server has not taken it: with a MailRefusedError if it never will. */
export type Deliver = (letter: Letter) => Promise<void>;

/** The mail server has refused the mail or the credentials for good. To repeat it is of no use. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}

const LONGEST_WAIT_MS = 15_000;
/** Codes from here on are final (RFC 5321, section 4.2.1). */
const LEAST_FINAL_CODE = 500;

const isFinal = (error: unknown): boolean =>
  error instanceof Error &&
  'responseCode' in error &&
  typeof error.responseCode === 'number' &&
  error.responseCode >= LEAST_FINAL_CODE;

/** Delivers by SMTP, one attempt for each call. */
export const createSmtpDelivery = ({ url, from }: SmtpOptions) => {
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
  const [, domain = 'localhost'] = /@([\w.-]+)/.exec(from) ?? [];
  const deliver: Deliver = async ({ id, ...mail }) => {
    try {
      await transport.sendMail({ from, ...mail, messageId: `<${id}@${domain}>` });
    } catch (error) {
      throw isFinal(error) ? new MailRefusedError('the mail server refuses this', { cause: error }) : error;
    }
  };
  return { deliver, close: () => transport.close() };
};

const MOST_UNDER_WAY = 200;

export interface BackgroundDeps {
  readonly deliver: Deliver;
  readonly newId: () => string;
  readonly onError: (error: unknown) => void;
}

export interface BackgroundMailer extends Mailer {
  /** Waits for the mails that are under way. */
  readonly settle: () => Promise<unknown>;
}

/**
 * Sends mails behind the answers. A mail that fails, or that comes while too many are under way, is reported and lost:
 * its token is stored only as a hash, so the owner has to ask for another.
 */
export const createBackgroundMailer = ({ deliver, newId, onError }: BackgroundDeps): BackgroundMailer => {
  const underWay = new Set<Promise<unknown>>();
  return {
    send: async ({ to, subject, text }) => {
      if (underWay.size >= MOST_UNDER_WAY) {
        onError(new Error('too many mails are under way'));
        return;
      }
      const letter = { to, subject, text, id: newId() };
      const sending = deliver(letter)
        .catch(onError)
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    settle: () => Promise.all(underWay),
  };
};
