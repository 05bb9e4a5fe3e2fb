/** Bytes that a client may send, and what HTTP/1.1 (RFC 9110, RFC 9112) makes of them. */
export interface EdgeCase {
  readonly name: string;
  /** Sent as they are, as Latin-1. */
  readonly bytes: string;
  /** Each by its status and, where it is a problem, its code: `200`, `400 malformed_request`. In the order of the answers. Interim ones (1xx) do not count. */
  readonly answers: readonly string[];
  /** Whether the server takes further requests on the connection. */
  readonly connection: 'kept' | 'closed';
  /** The `instance` of the last problem, where it matters. */
  readonly instance?: string;
}

export const malformed = '400 malformed_request';

/** A path that every server has, and one that none has. */
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
