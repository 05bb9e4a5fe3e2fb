import type { ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import type { Request } from 'express';
import { malformedMultipart } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { isUnencoded, mediaTypeOf, wrongMediaType } from './media-type.ts';
import { beginBody, requireUnread, tooLarge } from './read-bytes.ts';

/** One part of a form, in the order of the request. */
type FormPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      /** The client's file name without folders. Do not use it as a path. */
      readonly fileName: string;
      /** As declared by the client. Check the bytes before you trust it. */
      readonly mediaType: string;
      /** Must be read or destroyed before the next part arrives. */
      readonly content: Readable;
    };

export interface MultipartLimits {
  /** Largest body, in bytes. */
  readonly limitBytes: number;
  /** Largest file, in bytes (default: `limitBytes`). */
  readonly fileBytes?: number;
  /** Most files (default 1). */
  readonly files?: number;
  /** Most fields (default 20), each of at most 64 KiB. */
  readonly fields?: number;
}

/** A `multipart/form-data` body that is streamed to the handler part by part and never held as a whole. */
export interface MultipartBody {
  readonly kind: 'multipart';
  readonly read: (req: Request, res: ServerResponse) => Promise<AsyncIterable<FormPart>>;
}

const fieldBytes = 65_536;
const formType = 'multipart/form-data';

const malformed = (detail: string, cause?: unknown): ProblemError =>
  new ProblemError(malformedMultipart, { detail, cause });

const contentOf = async function* (file: BusboyFileStream): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file) yield chunk;
  } catch (error) {
    throw error instanceof ProblemError ? error : malformed('A file is incomplete.', error);
  }
};

const createParser = (
  req: Request,
  { limitBytes, fileBytes = limitBytes, files = 1, fields = 20 }: MultipartLimits,
) => {
  const contentType = req.headers['content-type'] ?? '';
  const limits = { fileSize: fileBytes, files, fields, fieldSize: fieldBytes, parts: files + fields };
  try {
    return new Busboy({ headers: { ...req.headers, 'content-type': contentType }, limits });
  } catch (error) {
    throw malformed('The Content-Type has no boundary.', error);
  }
};

/** Parts as they arrive. A fault in the form rejects the iteration, and ends the file being read with an error. */
const readParts = (req: Request, limits: MultipartLimits): AsyncIterable<FormPart> => {
  const parser = createParser(req, limits);
  const parts = new PassThrough({ objectMode: true });
  // A fault may occur before the handler starts to iterate. The iteration then rejects.
  parts.on('error', () => undefined);
  let current: BusboyFileStream | undefined;
  const fail = (error: ProblemError): void => {
    req.unpipe(parser);
    current?.destroy(error);
    parts.destroy(error);
  };

  let length = 0;
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limits.limitBytes) return;
    fail(tooLarge(limits.limitBytes));
    req.pause();
  });
  req.once('close', () => {
    if (!req.complete) fail(malformed('The body is incomplete.'));
  });

  parser.on('file', (name, file, fileName, _encoding, mediaType) => {
    current = file;
    file.once('limit', () => fail(tooLarge(limits.fileBytes ?? limits.limitBytes)));
    const content = Readable.from(contentOf(file), { objectMode: false });
    content.once('close', () => file.resume());
    // A handler that does not read the file gets the fault from the iteration.
    for (const stream of [file, content]) stream.on('error', () => undefined);
    parts.write({ kind: 'file', name, fileName, mediaType, content });
  });
  parser.on('field', (name, value, _nameTruncated, truncated) => {
    if (truncated) fail(malformed(`A field has more than ${fieldBytes} bytes.`));
    else parts.write({ kind: 'field', name, value });
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(limit, () => fail(malformed('The form has more parts than the route accepts.')));
  }
  parser.on('error', (error) => fail(malformed('The form cannot be read.', error)));
  parser.on('finish', () => parts.end());
  req.pipe(parser);
  return parts;
};

/** A form within these limits. */
export const multipartBody = (limits: MultipartLimits): MultipartBody => ({
  kind: 'multipart',
  read: async (req, res) => {
    if (mediaTypeOf(req)?.essence !== formType || !isUnencoded(req)) throw wrongMediaType([formType]);
    requireUnread(req);
    if (Number(req.headers['content-length']) > limits.limitBytes) throw tooLarge(limits.limitBytes);
    beginBody(req, res);
    return readParts(req, limits);
  },
});
