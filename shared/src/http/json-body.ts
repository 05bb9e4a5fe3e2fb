import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import secureJson from 'secure-json-parse';
import { malformedJson, payloadTooLarge, unsupportedMediaType } from './common-problems.ts';
import { ProblemError } from './problem.ts';

/** 100 KiB. */
export const bodyLimitBytes = 102_400;

const jsonType = /^\s*application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

const readBytes = express.raw({ type: () => true, limit: bodyLimitBytes, inflate: false });

const refuse = (error: { status?: number }): unknown => {
  if (error.status === 413) return new ProblemError(payloadTooLarge);
  if (error.status === 415) return wrongMediaType();
  // What is left is a body that broke off or is not as long as it said.
  return error.status === 400
    ? new ProblemError(malformedJson, { detail: 'The body is incomplete.' })
    : error;
};

const wrongMediaType = (): ProblemError =>
  new ProblemError(unsupportedMediaType, {
    headers: { Accept: 'application/json', 'Accept-Encoding': 'identity' },
  });

const parse = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw new ProblemError(malformedJson);
  try {
    return secureJson.parse(bytes.toString(), { protoAction: 'error', constructorAction: 'ignore' });
  } catch {
    throw new ProblemError(malformedJson);
  }
};

/**
 * The JSON value of a request's body; undefined where there is none. Stricter than `express.json()`: bytes that
 * are not UTF-8 and members named `__proto__` are refused instead of being repaired in silence.
 * Throws the problems 400 `malformed_json`, 413 `payload_too_large` and 415 `unsupported_media_type`.
 */
export const readJson = async (req: Request, res: Response): Promise<unknown> => {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': chunked } = req.headers;
  const absent = chunked === undefined && (length === undefined || length === '0');
  if (absent && type === undefined) return undefined;
  if (type === undefined || !jsonType.test(type)) throw wrongMediaType();
  if (absent) throw new ProblemError(malformedJson);
  await new Promise<void>((resolve, reject) => {
    readBytes(req, res, (error?: { status?: number }) => (error ? reject(refuse(error)) : resolve()));
  });
  return parse(req.body);
};
