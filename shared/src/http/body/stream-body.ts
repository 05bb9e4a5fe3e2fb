import type { ServerResponse } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import type { Request } from 'express';
import { malformedRequest } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { beginBody, hasBody, refuseDeclared, requireUnread, tooLarge } from './read-bytes.ts';

/** A body while it arrives. */
export interface IncomingBody {
  /** Fails with 413 when the body exceeds its limit, and with 400 if the body is incomplete. */
  readonly stream: Readable;
  /** In bytes, if the client has declared it. */
  readonly declaredBytes: number | undefined;
}

/** A body of any media type that the handler reads while it arrives, byte for byte; undefined if there is none. */
export interface StreamBody {
  readonly kind: 'stream';
  readonly read: (req: Request, res: ServerResponse) => Promise<IncomingBody | undefined>;
}

const limited = (req: Request, limitBytes: number): Readable => {
  let length = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      length += chunk.length;
      if (length > limitBytes) done(tooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  // The reader may begin only later.
  stream.on('error', () => undefined);
  // Whoever stops reading does not want the rest. The client still has to send it before it reads the answer.
  stream.once('close', () => req.unpipe(stream).resume());
  req.once('close', () => {
    if (!req.complete)
      stream.destroy(new ProblemError(malformedRequest, { detail: 'The body is incomplete.' }));
  });
  return req.pipe(stream);
};

/** A body of at most `limitBytes` bytes. Rejects with 413 `payload_too_large` if more are declared. */
export const streamBody = ({ limitBytes }: { readonly limitBytes: number }): StreamBody => ({
  kind: 'stream',
  read: async (req, res) => {
    if (!hasBody(req)) return undefined;
    requireUnread(req);
    await refuseDeclared(req, limitBytes);
    beginBody(req, res);
    const declared = req.headers['content-length'];
    return {
      stream: limited(req, limitBytes),
      declaredBytes: declared === undefined ? undefined : Number(declared),
    };
  },
});
