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

/** A mail server of a few lines (RFC 5321), which keeps what it takes until the test ends. */
export const startSmtpListener = async () => {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let refusal: string | undefined;
  let gate: Promise<void> = Promise.resolve();

  const converse = async (socket: Socket): Promise<void> => {
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 localhost ESMTP');
    let [from, to, data]: [string, string[], string[] | undefined] = ['', [], undefined];
    for await (const line of createInterface(socket)) {
      if (data) {
        if (line !== '.') data.push(line);
        else {
          await gate;
          mails.push(readMail(from, to, data));
          [to, data] = [[], undefined];
          say('250 taken');
        }
      } else if (/^EHLO/i.test(line)) say('250 localhost');
      else if (/^MAIL FROM:/i.test(line)) {
        from = /<(.*?)>/.exec(line)?.[1] ?? '';
        say('250 OK');
      } else if (/^RCPT TO:/i.test(line)) {
        if (refusal === undefined) to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        say(refusal ?? '250 OK');
      } else if (/^DATA/i.test(line)) {
        data = [];
        say('354 go on');
      } else say(/^QUIT/i.test(line) ? '221 bye' : '250 OK');
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    converse(socket).catch(() => undefined);
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
