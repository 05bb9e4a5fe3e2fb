import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** What the mail server does with one connection. A code refuses the recipient; `taken, then gone` stores the mail without saying so. */
export type SmtpFault = 'gone at once' | 'gone in the middle' | 'taken, then gone' | 421 | 451 | 550;

const answers: Readonly<Record<string, string>> = {
  EHLO: '250 lab',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  QUIT: '221 bye',
};

/** A mail server (RFC 5321) that fails as told, one connection after another, and then takes everything. */
export const startSmtpStub = async (faults: readonly SmtpFault[]) => {
  const left = [...faults];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const serve = (socket: Socket, fault: SmtpFault | undefined): void => {
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    let mail: string[] | undefined;
    const endMail = (lines: readonly string[]): void => {
      mails.push(lines.join('\n'));
      mail = undefined;
      if (fault === 'taken, then gone') socket.destroy();
      else say('250 taken');
    };
    const command = (line: string): void => {
      const [verb = ''] = line.toUpperCase().split(' ', 1);
      if (verb === 'DATA') mail = [];
      if (verb === 'DATA' && fault === 'gone in the middle') socket.destroy();
      else if (verb === 'RCPT' && typeof fault === 'number') say(`${fault} no`);
      else say(answers[verb] ?? '502 what?');
    };
    createInterface(socket).on('line', (line) => {
      if (mail === undefined) command(line);
      else if (line === '.') endMail(mail);
      else mail.push(line);
    });
    say('220 lab');
  };

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => undefined));
    const fault = left.shift();
    if (fault === 'gone at once') socket.destroy();
    else serve(socket, fault);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return { url: `smtp://127.0.0.1:${address.port}`, mails, connections: () => connections };
};
