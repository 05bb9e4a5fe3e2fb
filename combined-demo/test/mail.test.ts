import { randomUUIDv7 } from 'node:crypto';
import { type AccountsTables, chooseMailer, type Deliver, MailRefusedError } from '@lab/accounts';
import { onDatabase, type SmtpFault, startApp, startSmtpServer } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createReliableDelivery } from '../src/accounts/reliable-mail.ts';
import { openDemo } from './demo-app.ts';

/** Registers an account at a demo whose mail server fails as told. Resolves when the registration is answered. */
const register = async (faults: readonly SmtpFault[]) => {
  const smtp = await startSmtpServer(faults);
  const { app } = await openDemo('sqlite::memory:', { SMTP_URL: smtp.url });
  const { request } = await startApp(app);
  const json = { email: 'ada@example.com', password: 'correct horse battery staple' };
  const { status } = await request('POST', '/accounts', { json });
  return { ...smtp, status };
};

const idOf = (headers: readonly string[] = []): string | undefined =>
  headers.map((line) => /^Message-ID: (<.+>)$/i.exec(line)?.[1]).find((id) => id !== undefined);

describe('the mail of a registration', () => {
  test.each<SmtpFault>(['gone at once', 'gone in the middle', 451])(
    'arrives once, although the mail server fails at first: %s',
    async (fault) => {
      const { status, mails, connections } = await register([fault, fault]);
      expect(status).toBe(202);
      await expect.poll(() => mails.length, { timeout: 20_000 }).toBe(1);
      expect(mails[0]?.headers).toContain('Subject: Confirm your address');
      expect(connections()).toBeGreaterThan(1);
    },
  );

  test('has the same Message-ID when it arrives twice, because nobody said that it was taken', async () => {
    const { mails } = await register(['taken, then gone']);
    await expect.poll(() => mails.length, { timeout: 20_000 }).toBe(2);
    expect(idOf(mails[0]?.headers)).toMatch(/^<[\w-]+@.+>$/);
    expect(idOf(mails[1]?.headers)).toBe(idOf(mails[0]?.headers));
  });
});

onDatabase('sqlite', (engine) => {
  /** Sends one mail, and resolves with what became of it when the server has stopped. */
  const sendOne = async (faults: readonly SmtpFault[], around?: (deliver: Deliver) => Deliver) => {
    const smtp = await startSmtpServer(faults);
    const { db } = await engine.open<AccountsTables>();
    const errors: unknown[] = [];
    const resources = new AsyncDisposableStack();
    const logger = { warn: (fields: object) => void errors.push(Object.values(fields)[0]) };
    const settings = { APP_ENV: 'test', SMTP_URL: smtp.url, MAIL_FROM: 'shop@example.com' };
    const deps = { db, now: () => new Date(), newId: randomUUIDv7, logger, resources, around };
    await chooseMailer(deps, settings).send({ to: 'ada@example.com', subject: 'Hello', text: 'Hello' });
    await resources.disposeAsync();
    return { mails: smtp.mails.length, connections: smtp.connections(), errors };
  };
  const quick = createReliableDelivery({ baseMs: 1, capMs: 1 });

  test('a mail is sent once that the mail server refuses for good', async () => {
    const { errors, ...sent } = await sendOne([550], quick);
    expect(sent).toEqual({ mails: 0, connections: 1 });
    expect(errors).toEqual([expect.any(MailRefusedError)]);
  });

  test('a mail is given up and reported when all attempts have failed', async () => {
    const faults = Array.from({ length: 6 }, () => 'gone in the middle' as const);
    const { mails, errors } = await sendOne(faults, quick);
    expect([mails, errors.length]).toEqual([0, 1]);
  });

  test('(detector) a mail is lost to the first failure where deliveries are not repeated', async () => {
    const { mails, errors } = await sendOne(['gone in the middle']);
    expect([mails, errors.length]).toEqual([0, 1]);
  });
});
