import type { Executor } from '@lab/shared/database';
import {
  type ContractRouter,
  createRouter,
  defineRoute,
  route,
  serviceUnavailable,
  storableText,
} from '@lab/shared/http';
import { z } from 'zod';
import { exampleId, exampleInstant, instant, tag } from '../contract-parts.ts';
import type { MailTables } from '../tables.ts';
import type { Mailer } from './mailer.ts';

const MOST_SHOWN = 50;
const MOST_KEPT_OF_RECIPIENT = 100;

interface Deps {
  readonly db: Executor<MailTables>;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Keeps mails in a table instead of sending them, tokens and all. For development and tests only. */
export const createTableMailer = ({ db, now, newId }: Deps): Mailer => ({
  send: async ({ to, subject, text, token = null }) => {
    const recipient = to.toLowerCase();
    const row = { id: newId(), recipient, subject, body: text, token, created_at: now().getTime() };
    await db.insertInto('account_dev_mails').values(row).execute();
    const oldest = db
      .selectFrom('account_dev_mails')
      .select('id')
      .where('recipient', '=', recipient)
      .orderBy('id', 'desc')
      .offset(MOST_KEPT_OF_RECIPIENT)
      .limit(1);
    await db
      .deleteFrom('account_dev_mails')
      .where('recipient', '=', recipient)
      .where('id', '<=', oldest)
      .execute();
  },
});

const exampleMail = {
  id: exampleId,
  to: 'ada@example.com',
  subject: 'Confirm your address',
  text: 'Welcome! Your verification token ...',
  token: 'Zm9yIHRoZSBkb2N1bWVudGF0aW9uIG9ubHksIDMyIGI',
  created_at: exampleInstant,
};

const mailSchema = z
  .strictObject({
    id: z.string(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    token: z.string().nullable().meta({ description: 'The token that the text has, if any' }),
    created_at: instant(),
  })
  .meta({ id: 'accounts.Mail', example: exampleMail });

const listDevMails = defineRoute({
  method: 'GET',
  path: '/dev/mails',
  name: 'listDevMails',
  summary: 'Read the mails that would have been sent, newest first (not in production)',
  tag,
  query: z.strictObject({
    to: storableText(3, 254)
      .optional()
      .meta({ description: 'Mails to this address', example: exampleMail.to }),
  }),
  responses: {
    200: {
      description: `The latest mails, ${MOST_SHOWN} at most`,
      body: z.strictObject({ items: z.array(mailSchema) }),
    },
  },
  problems: [serviceUnavailable],
});

/** The mails of `createTableMailer`, readable by anyone. Do not mount it in production: the mails have tokens. */
export const createDevMailsRouter = ({ db }: Pick<Deps, 'db'>): ContractRouter =>
  createRouter([
    route(listDevMails).handle(async ({ query: { to } }) => {
      const all = db.selectFrom('account_dev_mails').selectAll().orderBy('id', 'desc').limit(MOST_SHOWN);
      const wanted = to === undefined ? all : all.where('recipient', '=', to.toLowerCase());
      const items = (await wanted.execute()).map((row) => ({
        id: row.id,
        to: row.recipient,
        subject: row.subject,
        text: row.body,
        token: row.token,
        created_at: new Date(row.created_at).toISOString(),
      }));
      return { status: 200, body: { items } };
    }),
  ]);
