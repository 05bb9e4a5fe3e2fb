import type { ServerResponse } from 'node:http';

export const faultNames = ['hang', 'reset', 'cut', 'short', 'slow', 'malformed'] as const;

export type Fault = (typeof faultNames)[number];

const BODY = '{"this":"answer never comes to an end"}';
const BYTE_EVERY_MS = 100;

const byteByByte = (res: ServerResponse): void => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length });
  const bytes = [...BODY].values();
  const timer = setInterval(() => {
    const { value, done } = bytes.next();
    if (done) res.end();
    else res.write(value);
  }, BYTE_EVERY_MS);
  res.once('close', () => clearInterval(timer));
};

/** Sends the head and half of the body, then does something to the connection. */
const halfway = (res: ServerResponse, end: () => void): void => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length });
  res.write(BODY.slice(0, BODY.length / 2), end);
};

/** What goes wrong with an answer, and how to do it. */
export const faults: Readonly<Record<Fault, (res: ServerResponse) => void>> = {
  /** No answer at all. */
  hang: () => undefined,
  /** The connection breaks before the answer. */
  reset: (res) => res.socket?.resetAndDestroy(),
  /** The connection breaks in the middle of the body. */
  cut: (res) => halfway(res, () => res.socket?.resetAndDestroy()),
  /** The connection ends in good order, before the length that was declared. */
  short: (res) => halfway(res, () => res.socket?.end()),
  /** Ten bytes a second. */
  slow: byteByByte,
  /** Bytes that are not HTTP. */
  malformed: (res) => res.socket?.end('HTTP/9.9 maybe\r\n\r\n'),
};
