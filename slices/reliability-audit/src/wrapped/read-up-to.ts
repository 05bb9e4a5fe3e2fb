import type { Readable } from 'node:stream';

/**
 * The whole content of a stream if it has at most `mostBytes` bytes. Otherwise undefined, and the stream is as if nothing
 * had been read from it.
 */
export const readUpTo = async (stream: Readable, mostBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostBytes) {
      stream.unshift(Buffer.concat(chunks));
      return undefined;
    }
  }
  return Buffer.concat(chunks);
};
