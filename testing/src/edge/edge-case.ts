/** Bytes that a client may send, and the responses that HTTP/1.1 (RFC 9110, RFC 9112) requires. */
export interface EdgeCase {
  readonly name: string;
  /** Sent unchanged, as Latin-1. */
  readonly bytes: string;
  /**
   * The responses in order, without interim ones (1xx): the status, and the code of a problem (`400
   * malformed_request`).
   */
  readonly answers: readonly string[];
  /** Whether the server accepts further requests on the connection. */
  readonly connection: 'kept' | 'closed';
  /** The `instance` of the last problem, where it matters. */
  readonly instance?: string;
}

export const malformed = '400 malformed_request';

/** A path that every server has, and one that no server has. */
export const known = '/health/live';
export const unknown = '/nowhere';

/** A request with `Host`, these header lines and this body. */
export const message = (line: string, headers: readonly string[] = [], body = ''): string =>
  `${[`${line} HTTP/1.1`, 'Host: lab.test', ...headers].join('\r\n')}\r\n\r\n${body}`;

const one = (name: string, bytes: string, answer: string, connection: 'kept' | 'closed'): EdgeCase => ({
  name,
  bytes,
  answers: [answer],
  connection,
});

/** Answered, and the connection is kept. */
export const kept = (name: string, bytes: string, answer = '200'): EdgeCase =>
  one(name, bytes, answer, 'kept');

/** Answered, and the connection is closed. */
export const closed = (name: string, bytes: string, answer = '200'): EdgeCase =>
  one(name, bytes, answer, 'closed');

/** Refused as malformed, and the connection is closed. */
export const refused = (name: string, bytes: string): EdgeCase => closed(name, bytes, malformed);
