import type { ServerResponse } from 'node:http';
import type { Request } from 'express';
import { isUnencoded, mediaTypeOf, wrongMediaType } from './media-type.ts';
import { readBytes, requireUnread } from './read-bytes.ts';

/** A body that reaches the handler byte for byte, for example to verify the signature of a webhook. */
export interface RawBody {
  readonly kind: 'raw';
  readonly mediaTypes: readonly string[];
  readonly read: (req: Request, res: ServerResponse) => Promise<Buffer>;
}

/**
 * A body of at most `limitBytes` bytes (default 102,400) in one of these media types, unparsed. If the app has run
 * `express.raw()`, its Buffer is used. If it has run `express.json()`, the bytes are lost and the request fails with
 * 500.
 */
export const rawBody = ({
  mediaTypes,
  limitBytes = 102_400,
}: {
  readonly mediaTypes: readonly string[];
  readonly limitBytes?: number;
}): RawBody => ({
  kind: 'raw',
  mediaTypes,
  read: async (req, res) => {
    if (!mediaTypes.includes(mediaTypeOf(req)?.essence ?? '') || !isUnencoded(req))
      throw wrongMediaType(mediaTypes);
    if (Buffer.isBuffer(req.body)) return req.body;
    requireUnread(req);
    return readBytes(req, res, limitBytes);
  },
});
