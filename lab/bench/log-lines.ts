import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;
// Lines that may still be in a buffer.
const MOST_UNWRITTEN = 1000;

const countLines = async (path: string): Promise<number> => {
  let lines = 0;
  for await (const chunk of createReadStream(path)) {
    if (!Buffer.isBuffer(chunk)) continue;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  }
  return lines;
};

/** Throws unless the server wrote a log line for each request. */
export const verifyLogLines = async (name: string, path: string, requests: number): Promise<void> => {
  const lines = await countLines(path);
  if (lines < requests - MOST_UNWRITTEN) {
    throw new Error(`${name} wrote ${lines} log lines for ${requests} requests`);
  }
};
