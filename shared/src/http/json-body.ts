import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import secureJson from 'secure-json-parse';
import { malformedJson, payloadTooLarge, unsupportedMediaType } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

/** 100 KiB. */
const bodyLimitBytes = 102_400;

const jsonType = /^\s*application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

const wrongMediaType = (): ProblemError =>
  new ProblemError(unsupportedMediaType, {
    headers: { Accept: 'application/json', 'Accept-Encoding': 'identity' },
  });

/**
 * Refuses a body that is too large as soon as that is known; parsers for Express first read all of it. Node passes
 * over the rest, so that the client can read the answer.
 */
const readBytes = (req: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const refuse = (): void => reject(new ProblemError(payloadTooLarge));
    if (Number(req.headers['content-length']) > bodyLimitBytes) return refuse();
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bodyLimitBytes) chunks.push(chunk);
      else refuse();
    });
    // Most bodies come whole, and need no copy.
    req.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    req.once('close', () => {
      if (!req.complete) reject(new ProblemError(malformedJson, { detail: 'The body is incomplete.' }));
    });
  });

const parse = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw new ProblemError(malformedJson);
  try {
    const text = bytes.toString();
    // Without these no member can be named `__proto__`, and nothing need be searched.
    if (!text.includes('__proto__') && !text.includes('\\u')) return JSON.parse(text);
    return secureJson.parse(text, { protoAction: 'error', constructorAction: 'ignore' });
  } catch {
    throw new ProblemError(malformedJson);
  }
};

/**
 * The JSON value of a request's body; undefined where there is none. Stricter than `express.json()`: bytes that
 * are not UTF-8 and members named `__proto__` are refused instead of being repaired in silence.
 * Throws the problems 400 `malformed_json`, 413 `payload_too_large` and 415 `unsupported_media_type`.
 */
export const readJson = async (req: IncomingMessage): Promise<unknown> => {
  const type = req.headers['content-type'];
  const {
    'content-length': length,
    'transfer-encoding': chunked,
    'content-encoding': encoding,
  } = req.headers;
  const absent = chunked === undefined && (length === undefined || length === '0');
  if (absent && type === undefined) return undefined;
  if (type === undefined || !jsonType.test(type)) throw wrongMediaType();
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw wrongMediaType();
  if (absent) throw new ProblemError(malformedJson);
  return parse(await readBytes(req));
};
