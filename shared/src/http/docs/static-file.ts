import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineRoute, type RouteContract } from '../route/contract.ts';
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
  readonly body?: RouteContract['responses'][number]['body'];
}

const fileHeaders = { ETag: 'Changes with the content' };

/** A GET route of a file, with `ETag`, 304 and compressed variants (RFC 9110, sections 8.8.3, 13.1.2 and 12.5.3). */
export const fileRoute = ({ mediaType, cacheControl, read, body, ...about }: FileDescription): Route => {
  const contract = defineRoute({
    ...about,
    method: 'GET',
    tag: 'system',
    responses: {
      200: { description: 'The file', mediaType, ...(body && { body }), headers: fileHeaders },
      304: { description: "The client's copy of the file is current", headers: fileHeaders },
    },
  });
  let file: ReturnType<typeof createFile> | undefined;
  return route(contract).handle(async (req, res) => {
    file ??= createFile(read());
    res.set({ ETag: file.etag, 'Cache-Control': cacheControl, Vary: 'Accept-Encoding' });
    if (req.fresh) return { status: 304 };
    const preferred = req.acceptsEncodings(['br', 'gzip', 'identity']);
    if (preferred !== 'br' && preferred !== 'gzip') return { status: 200, bytes: file.original };
    return {
      status: 200,
      headers: { 'Content-Encoding': preferred },
      bytes: await file.compressed(preferred),
    };
  });
};
