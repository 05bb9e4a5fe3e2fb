import { randomUUID } from 'node:crypto';
import { onDatabase, startSmtpServer } from '@lab/testing';
import { expect, it, onTestFinished, test, vi } from 'vitest';
import { createBackgroundMailer, createSmtpDelivery, MailRefusedError } from '../src/mail/smtp-mailer.ts';
import { startAccounts } from './accounts-app.ts';

const NEXT = 'the analytical engine weaves';
const ADA = 'ada@example.com';

const open = async () => {
  const listener = await startSmtpServer();
  const errors: unknown[] = [];
  const smtp = createSmtpDelivery({ url: listener.url, from: 'The Shop <shop@example.com>' });
  const mailer = createBackgroundMailer({
    deliver: smtp.deliver,
    newId: randomUUID,
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await mailer.settle();
    smtp.close();
  });
  const mail = (to: string) => mailer.send({ to, subject: 'Hello', text: 'A text' });
  return { ...listener, mailer, mail, errors };
};

onDatabase('sqlite', (engine) => {
  it('a registration and a reset work with nothing but what arrived by SMTP', async () => {
    const { url, mails } = await startSmtpServer();
    const env = { SMTP_URL: url, MAIL_FROM: 'shop@example.com' };
    const { request, logIn } = await startAccounts(engine, { env });
    const tokenOf = async (count: number): Promise<string> => {
      await vi.waitFor(() => expect(mails).toHaveLength(count), 10_000);
      return /^[\w-]{43}$/m.exec(mails.at(-1)?.text ?? '')?.[0] ?? 'no token';
    };
    expect((await request('GET', '/dev/mails')).status).toBe(404);
    await request('POST', '/accounts', { json: { email: ADA, password: NEXT } });
    const verified = await request('POST', '/accounts/verify', { json: { token: await tokenOf(1) } });
    expect(verified).toMatchObject({ status: 200, body: { email: ADA } });
    expect(mails[0]).toMatchObject({ from: 'shop@example.com', to: [ADA] });
    expect(mails[0]?.headers).toContain('Subject: Confirm your address');
    expect(mails[0]?.headers).toContain(`To: ${ADA}`);

    await request('POST', '/password-resets', { json: { email: ADA } });
    const json = { token: await tokenOf(2), password: `${NEXT} on` };
    expect((await request('POST', '/password-resets/confirm', { json })).status).toBe(204);
    expect(await logIn(ADA, `${NEXT} on`)).toMatchObject({ expires_in: 600 });
  });
});

test('a text arrives as it was written, long lines and leading dots too', async () => {
  const { mails, mailer } = await open();
  const text = `${'a long line '.repeat(30).trimEnd()}\n.a dot\n..two\n\nThe end = 1`;
  await mailer.send({ to: ADA, subject: 'Grüße', text });
  await mailer.settle();
  expect(mails[0]?.text.trimEnd()).toBe(text);
  expect(mails[0]?.headers).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
});

test('sending does not wait for the mail server, and settling waits for what is under way', async () => {
  const { mails, mailer, mail, hold } = await open();
  const release = hold();
  for (let index = 0; index < 5; index += 1) await mail(`shopper-${index}@example.com`);
  expect(mails).toHaveLength(0);
  const settling = mailer.settle();
  release();
  await settling;
  expect(mails.map(({ to }) => to[0]).toSorted()).toEqual(
    Array.from({ length: 5 }, (_, index) => `shopper-${index}@example.com`),
  );
});

test('a refused mail is reported and lost, and the next one goes out', async () => {
  const { mails, mail, refuse, errors } = await open();
  refuse('550 no such mailbox');
  await mail(ADA);
  await vi.waitFor(() => expect(errors).toHaveLength(1), 10_000);
  expect(errors[0]).toBeInstanceOf(MailRefusedError);
  refuse(undefined);
  await mail(ADA);
  await vi.waitFor(() => expect(mails).toHaveLength(1), 10_000);
});

test('at most 200 mails are under way: more are reported and lost', async () => {
  const { mails, mailer, mail, hold, errors } = await open();
  const release = hold();
  for (let index = 0; index < 205; index += 1) await mail(ADA);
  expect(errors).toHaveLength(5);
  release();
  await mailer.settle();
  expect(mails).toHaveLength(200);
});
