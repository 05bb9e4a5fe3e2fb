import { connect, type Socket } from 'node:net';
import { type FuzzRequest, toBytes } from '../fuzz/fuzz-request.ts';
import { ResponseReader, type WireResponse } from './wire-response.ts';

/** The response, or the reason why there is none. */
export type RawAnswer = WireResponse | string;

export interface RawClient {
  readonly send: (request: FuzzRequest) => Promise<RawAnswer>;
  readonly close: () => void;
}

const answerWithinMs = 10_000;

const isReusable = (answer: RawAnswer, request: FuzzRequest): boolean =>
  typeof answer !== 'string' && answer.headers.get('connection') !== 'close' && request.isLast !== true;

const exchange = (socket: Socket, request: FuzzRequest): Promise<RawAnswer> => {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  const reader = new ResponseReader({ isHead: () => request.method === 'HEAD', onResponse: resolve });
  const onData = (bytes: Buffer): void => {
    try {
      reader.push(bytes);
    } catch (error) {
      resolve(error instanceof Error ? error.message : 'the response is not HTTP');
    }
  };
  const onEnd = (): void => {
    reader.end();
    resolve('the connection closed without a response');
  };
  const onError = (error: Error): void => resolve(`the connection broke: ${error.message}`);
  const timer = setTimeout(() => resolve(`no response within ${answerWithinMs} ms`), answerWithinMs);
  socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onEnd);
  socket.write(toBytes(request));
  if (request.cutAt !== undefined) socket.end();
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onEnd);
  });
};

/**
 * Sends raw requests one after the other, over one connection as long as the server keeps it. Waits at most ten seconds
 * for a response.
 */
export const createRawClient = (port: number): RawClient => {
  let kept: Socket | undefined;

  const open = (): Socket => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    // An error between two requests is reported by the next one.
    return socket.on('error', () => {});
  };

  const drop = (): void => {
    kept?.destroy();
    kept = undefined;
  };

  return {
    send: async (request) => {
      if (kept?.destroyed !== false || kept.readableEnded) kept = open();
      const answer = await exchange(kept, request);
      if (!isReusable(answer, request)) drop();
      return answer;
    },
    close: drop,
  };
};
