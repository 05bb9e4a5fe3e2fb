import { z } from 'zod';

/** A successful reply as it is kept: its bytes, ready to be sent. */
export interface CachedReply {
  readonly headers: Readonly<Record<string, string>>;
  /** Of a list's page. The `Link` header depends on the URL of the request, so it is made anew for each. */
  readonly nextCursor?: string | undefined;
  readonly bytes: Buffer;
}

const headSchema = z.object({
  headers: z.record(z.string(), z.string()),
  nextCursor: z.string().optional(),
});

/** As text for the second tier: a line of JSON, and then the body, which must be UTF-8. */
export const encodeReply = ({ bytes, ...head }: CachedReply): string =>
  `${JSON.stringify(head)}\n${bytes.toString()}`;

/** Throws if the text is not that of a reply. */
export const decodeReply = (text: string): CachedReply => {
  const end = text.indexOf('\n');
  const head = headSchema.parse(JSON.parse(text.slice(0, end)));
  return { ...head, bytes: Buffer.from(text.slice(end + 1)) };
};

/** About what the entry of a reply takes besides its body: key, headers and bookkeeping. */
const OVERHEAD_BYTES = 512;

export const sizeOfReply = (reply: CachedReply | undefined): number =>
  OVERHEAD_BYTES + (reply?.bytes.byteLength ?? 0);
