import { isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Request } from 'express';
import secureJson from 'secure-json-parse';
import { malformedJson } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { refuseInexactNumbers } from './exact-numbers.ts';
import { isUnencoded, mediaTypeOf, wrongMediaType } from './media-type.ts';
import { hasBody, readBytes } from './read-bytes.ts';

/** 100 KiB. */
const limitBytes = 102_400;

const byteOrderMark = '\uFEFF';

const isJson = (req: Request): boolean => {
  const type = mediaTypeOf(req);
  if (type?.essence !== 'application/json') return false;
  return Object.entries(type.parameters).every(
    ([name, value]) => name === 'charset' && value.toLowerCase() === 'utf-8',
  );
};

const parseText = (text: string): unknown => {
  try {
    return secureJson.parse(text, { protoAction: 'error', constructorAction: 'ignore' });
  } catch {
    throw new ProblemError(malformedJson);
  }
};

const parse = (bytes: Uint8Array): unknown => {
  if (!isUtf8(bytes)) throw new ProblemError(malformedJson, { detail: 'The body is not UTF-8.' });
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (text.startsWith(byteOrderMark)) {
    const detail =
      'The body starts with a byte order mark, which JSON must not have (RFC 8259, section 8.1).';
    throw new ProblemError(malformedJson, { detail });
  }
  const value = parseText(text);
  refuseInexactNumbers(text);
  return value;
};

/**
 * The JSON value of a request's body; undefined if there is none. Stricter than `express.json()`: bytes that are not
 * UTF-8, members named `__proto__` and numbers that JavaScript cannot hold exactly are refused instead of silently
 * changed. A body that the surrounding app has already parsed is used as is.
 * Throws the problems 400 `malformed_json`, 413 `payload_too_large` and 415 `unsupported_media_type`.
 */
export const readJson = async (req: Request, res: ServerResponse): Promise<unknown> => {
  const isPresent = hasBody(req);
  if (!isPresent && req.headers['content-type'] === undefined) return undefined;
  if (!isJson(req) || !isUnencoded(req)) throw wrongMediaType(['application/json']);
  if (!isPresent) throw new ProblemError(malformedJson, { detail: 'The body is empty.' });
  if (req.body !== undefined) return req.body instanceof Uint8Array ? parse(req.body) : req.body;
  return parse(await readBytes(req, res, limitBytes));
};
