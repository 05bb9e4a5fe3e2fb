import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineRoute, type RouteContract } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';

type Encoding = 'br' | 'gzip' | 'identity';

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** A file in memory. It is read, hashed and compressed once, at first use. */
const createFile = (read: () => string | Buffer) => {
  const original = once(() => Buffer.from(read()));
  const etag = once(() => `"${createHash('sha256').update(original()).digest('base64url').slice(0, 22)}"`);
  const encoded = {
    br: once(() => compress.br(original())),
    gzip: once(() => compress.gzip(original())),
    identity: async () => original(),
  };
  return { etag, bytes: (encoding: Encoding): Promise<Buffer> => encoded[encoding]() };
};

interface FileDescription {
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly mediaType: string;
  readonly cacheControl: string;
  readonly read: () => string | Buffer;
  readonly unlisted?: boolean;
  readonly body?: RouteContract['responses'][number]['body'];
}

const fileHeaders = { ETag: 'Changes with the content' };

/** A GET route of a file, with `ETag`, 304 and compressed variants (RFC 9110, sections 8.8.3, 13.1.2 and 12.5.3). */
export const fileRoute = ({
  path,
  name,
  summary,
  mediaType,
  cacheControl,
  read,
  unlisted,
  body,
}: FileDescription): Route => {
  const contract = defineRoute({
    method: 'GET',
    path,
    name,
    summary,
    tag: 'system',
    unlisted: unlisted ?? false,
    responses: {
      200: { description: 'The file', mediaType, ...(body && { body }), headers: fileHeaders },
      304: { description: "The client's copy of the file is current", headers: fileHeaders },
    },
  });
  const file = createFile(read);
  return route(contract).handle(async (req, res) => {
    const headers = { ETag: file.etag(), 'Cache-Control': cacheControl, Vary: 'Accept-Encoding' };
    res.set(headers);
    if (req.fresh) return { status: 304 };
    const preferred = req.acceptsEncodings(['br', 'gzip', 'identity']);
    const chosen = preferred === 'br' || preferred === 'gzip' ? preferred : 'identity';
    const encodingHeader = chosen === 'identity' ? {} : { 'Content-Encoding': chosen };
    return { status: 200, headers: encodingHeader, bytes: await file.bytes(chosen) };
  });
};
