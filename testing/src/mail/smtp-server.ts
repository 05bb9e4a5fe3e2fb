import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header lines, unfolded, and the text as its reader sees it. */
  readonly headers: readonly string[];
  readonly text: string;
}

const decodeQuotedPrintable = (text: string): string =>
  text
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const readMail = (from: string, to: readonly string[], lines: readonly string[]): ReceivedMail => {
  const end = lines.indexOf('');
  const headers = lines.slice(0, end).join('\n').replaceAll(/\n\s+/g, ' ').split('\n');
  // A leading dot is doubled on the way (RFC 5321, section 4.5.2).
  const body = lines.slice(end + 1).map((line) => (line.startsWith('.') ? line.slice(1) : line));
  const isQuoted = headers.some((line) => /^content-transfer-encoding: quoted-printable/i.test(line));
  const text = body.join('\n');
  return { from, to, headers, text: isQuoted ? decodeQuotedPrintable(text) : text };
};

/** What the server does with one connection. A code refuses the recipient and ends it; `taken, then gone` keeps the mail without saying so. */
export type SmtpFault = 'gone at once' | 'gone in the middle' | 'taken, then gone' | 421 | 451 | 550;

const answers: Readonly<Record<string, string>> = { DATA: '354 go on', QUIT: '221 bye' };

interface Envelope {
  from: string;
  to: string[];
  /** Of the mail that is coming in. */
  lines: string[] | undefined;
}

/** The address in `MAIL FROM:<ada@example.com>`. */
const addressIn = (line: string): string => /<(.*?)>/.exec(line)?.[1] ?? '';

/**
 * A mail server of a few lines (RFC 5321), until the test ends. It fails as told, one connection after another, and then
 * takes everything.
 */
export const startSmtpServer = async (faults: readonly SmtpFault[] = []) => {
  const left = [...faults];
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let refusal: string | undefined;
  let gate: Promise<void> = Promise.resolve();
  let connections = 0;

  const converse = async (socket: Socket, fault: SmtpFault | undefined): Promise<void> => {
    const say = (line: string) => socket.write(`${line}\r\n`);
    const mail: Envelope = { from: '', to: [], lines: undefined };
    const endMail = async (lines: readonly string[]): Promise<void> => {
      await gate;
      mails.push(readMail(mail.from, mail.to, lines));
      Object.assign(mail, { to: [], lines: undefined });
      if (fault === 'taken, then gone') socket.destroy();
      else say('250 taken');
    };
    const command = (line: string): void => {
      const [verb = ''] = line.toUpperCase().split(' ', 1);
      if (verb === 'RCPT' && typeof fault === 'number') return void socket.end(`${fault} no\r\n`);
      if (verb === 'RCPT' && refusal !== undefined) return void say(refusal);
      if (verb === 'DATA' && fault === 'gone in the middle') return void socket.destroy();
      if (verb === 'MAIL') mail.from = addressIn(line);
      if (verb === 'RCPT') mail.to.push(addressIn(line));
      if (verb === 'DATA') mail.lines = [];
      say(answers[verb] ?? '250 OK');
    };
    say('220 localhost ESMTP');
    for await (const line of createInterface(socket)) {
      if (mail.lines === undefined) command(line);
      else if (line === '.') await endMail(mail.lines);
      else mail.lines.push(line);
    }
  };

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => undefined));
    const fault = left.shift();
    if (fault === 'gone at once') socket.destroy();
    else converse(socket, fault).catch(() => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    mails,
    connections: () => connections,
    /** Refuses recipients with this line from now on; undefined takes them again. */
    refuse: (line: string | undefined) => {
      refusal = line;
    },
    /** Takes no more mails until the result is called. */
    hold: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
};
