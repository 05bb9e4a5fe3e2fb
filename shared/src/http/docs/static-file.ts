import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import type { ZodObject } from 'zod';
import { notFound } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { defineRoute, type ResponseContract, type RouteContract } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;

/** A file in memory. It is compressed once for each encoding, at first use. */
const createFile = (content: string | Buffer) => {
  const original = Buffer.from(content);
  const etag = `"${createHash('sha256').update(original).digest('base64url').slice(0, 22)}"`;
  const made = new Map<string, Promise<Buffer>>();
  const compressed = (encoding: keyof typeof compress): Promise<Buffer> => {
    const known = made.get(encoding) ?? compress[encoding](original);
    made.set(encoding, known);
    return known;
  };
  return { original, etag, compressed };
};

interface FileDescription {
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly mediaType: string;
  readonly cacheControl: string;
  readonly read: () => string | Buffer;
  readonly unlisted?: boolean;
  readonly reveals?: NonNullable<RouteContract['reveals']>;
  readonly asksForToken?: boolean;
  readonly body?: ResponseContract['body'];
}

type Exchange = readonly [req: Pick<Request, 'fresh' | 'acceptsEncodings'>, res: Response];

const fileHeaders = { ETag: 'Changes with the content' };

type StaticFile = ReturnType<typeof createFile>;

/** Answers with the file, or with 304 to a client that has it (RFC 9110, sections 8.8.3, 13.1.2 and 12.5.3). */
const answerWith = async (
  { etag, original, compressed }: StaticFile,
  cacheControl: string,
  ...of: Exchange
) => {
  const [req, res] = of;
  res.set({ ETag: etag, 'Cache-Control': cacheControl, Vary: 'Accept-Encoding' });
  if (req.fresh) return { status: 304 } as const;
  const preferred = req.acceptsEncodings(['br', 'gzip', 'identity']);
  if (preferred !== 'br' && preferred !== 'gzip') return { status: 200, bytes: original } as const;
  const headers = { 'Content-Encoding': preferred };
  return { status: 200, headers, bytes: await compressed(preferred) } as const;
};

const responsesOf = ({ mediaType, body }: Pick<FileDescription, 'mediaType' | 'body'>) => ({
  200: { description: 'The file', mediaType, ...(body && { body }), headers: fileHeaders },
  304: { description: "The client's copy of the file is current", headers: fileHeaders },
});

/** A GET route of a file, with `ETag`, 304 and compressed variants. */
export const fileRoute = ({ mediaType, cacheControl, read, body, ...about }: FileDescription): Route => {
  const responses = responsesOf({ mediaType, body });
  const contract = defineRoute({ ...about, method: 'GET', tag: 'system', responses });
  let file: StaticFile | undefined;
  return route(contract).handle((req, res) => {
    file ??= createFile(read());
    return answerWith(file, cacheControl, req, res);
  });
};

interface FilesDescription extends Omit<FileDescription, 'read' | 'body' | 'cacheControl'> {
  readonly params: ZodObject;
  /** By their path within the router. */
  readonly files: ReadonlyMap<string, Pick<FileDescription, 'read' | 'cacheControl'>>;
}

/** A GET route of several files of one media type, as `fileRoute` serves one. Other paths are 404 `not_found`. */
export const filesRoute = ({ mediaType, files, ...about }: FilesDescription): Route => {
  const responses = responsesOf({ mediaType });
  const contract = defineRoute({ ...about, method: 'GET', tag: 'system', responses, problems: [notFound] });
  const made = new Map<string, StaticFile>();
  return route(contract).handle((req, res) => {
    const found = files.get(req.path);
    if (!found) throw new ProblemError(notFound);
    const file = made.get(req.path) ?? createFile(found.read());
    made.set(req.path, file);
    return answerWith(file, found.cacheControl, req, res);
  });
};
