import { connect } from 'node:net';
import { ResponseReader, type WireResponse } from '../http/wire-response.ts';
import { type EdgeCase, known, message } from './edge-case.ts';

const probeId = 'edge-probe';
const answerWithinMs = 15_000;

interface Outcome {
  readonly answers: readonly WireResponse[];
  readonly connection: EdgeCase['connection'];
}

/** The methods of the requests, as far as they can be read, because responses to HEAD have no body. */
const methodsOf = (bytes: string): string[] =>
  [...bytes.matchAll(/(?:^|\r\n\r\n)([A-Z]+) /g)].map(([, method = '']) => method);

const problemOf = ({ headers, body }: WireResponse): { code?: unknown; instance?: unknown } =>
  body.length > 0 && headers.get('content-type')?.startsWith('application/problem+json')
    ? JSON.parse(body.toString())
    : {};

/**
 * Sends the bytes, and after the expected responses one more request, whose response shows that the connection is kept.
 * If the connection should be closed, the server must close it.
 */
const send = (port: number, { bytes, answers: expected, connection }: EdgeCase): Promise<Outcome> => {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = connect(port, '127.0.0.1');
  const answers: WireResponse[] = [];
  const methods = methodsOf(bytes);
  const reader = new ResponseReader({
    isHead: () => methods[answers.length] === 'HEAD',
    onResponse: (response) => {
      if (response.headers.get('x-request-id') === probeId) return resolve({ answers, connection: 'kept' });
      answers.push(response);
      if (connection === 'kept' && answers.length === expected.length)
        socket.write(message(`GET ${known}`, [`X-Request-Id: ${probeId}`]));
    },
  });
  const finish = (): void => {
    reader.end();
    resolve({ answers, connection: 'closed' });
  };
  const timer = setTimeout(() => resolve({ answers, connection: 'kept' }), answerWithinMs);
  socket
    .on('data', (chunk) => reader.push(chunk))
    .on('close', finish)
    .on('error', () => {});
  socket.write(Buffer.from(bytes, 'latin1'));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
};

const describe = (response: WireResponse): string => {
  const { code } = problemOf(response);
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
};

/** Describes how the server differs from the case; empty if it does not. */
export const failuresOf = async (port: number, edgeCase: EdgeCase): Promise<readonly string[]> => {
  const { answers, connection } = await send(port, edgeCase);
  const last = answers.at(-1);
  const instance = last && problemOf(last).instance;
  const found = `${answers.map(describe).join(', ') || 'no answer'}; ${connection}`;
  const wanted = `${edgeCase.answers.join(', ')}; ${edgeCase.connection}`;
  return [
    ...(found === wanted ? [] : [`${edgeCase.name}: ${found}, not ${wanted}`]),
    ...(edgeCase.instance === undefined || edgeCase.instance === instance
      ? []
      : [`${edgeCase.name}: the instance is ${instance}, not ${edgeCase.instance}`]),
  ];
};
