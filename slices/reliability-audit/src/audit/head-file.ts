/**
 * The head of the chain, kept outside of the database: whoever can rewrite the tables must also reach this file, and with
 * a key know the key. Write it to another machine, or to storage that keeps every version.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { ChainHead } from './audit-chain.ts';

const fileSchema = z.strictObject({
  entries: z.int().nonnegative(),
  head: z.string().regex(/^[\da-f]{64}$/),
  /** HMAC-SHA256 of `<entries>:<head>`; null without a key. */
  signature: z.string().nullable(),
});

export interface HeadFile {
  /** Keeps the head, unless the file is further already. */
  readonly keep: (head: ChainHead) => Promise<void>;
  /** The kept head; undefined if there is no file yet. Throws a HeadFileError if the file or its signature is wrong. */
  readonly read: () => Promise<ChainHead | undefined>;
}

/** The file is not what this server has written. */
export class HeadFileError extends Error {
  override readonly name = 'HeadFileError';
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const createHeadFile = (path: string, { key }: { readonly key?: string | undefined }): HeadFile => {
  const sign = ({ seq, hash }: ChainHead): string | null =>
    key === undefined ? null : createHmac('sha256', key).update(`${seq}:${hash}`).digest('hex');

  const read = async (): Promise<ChainHead | undefined> => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const { data } = fileSchema.safeParse(parseJson(text));
    if (data === undefined) throw new HeadFileError('the file of the audit head has another form');
    const head = { seq: data.entries, hash: data.head };
    const signature = sign(head);
    if (signature !== null && !isSame(signature, data.signature ?? ''))
      throw new HeadFileError('the signature of the audit head is wrong');
    return head;
  };

  const write = async (head: ChainHead): Promise<void> => {
    const text = `${JSON.stringify({ entries: head.seq, head: head.hash, signature: sign(head) })}\n`;
    // Renamed when it is on disk, so that a crash leaves the earlier file and never half a file.
    const draft = `${path}.${process.pid}.draft`;
    await using file = await open(draft, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
    await rename(draft, path);
  };

  return {
    read,
    keep: async (head) => {
      const kept = await read();
      if (kept === undefined || kept.seq < head.seq) await write(head);
    },
  };
};
