import type { IncomingMessage } from 'node:http';
import { parse } from 'content-type';
import { unsupportedMediaType } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

/** The media type of a body: type and subtype in lower case, and the parameters. */
export const mediaTypeOf = (req: IncomingMessage) => {
  const header = req.headers['content-type'];
  if (header === undefined) return undefined;
  const { type, parameters } = parse(header);
  return { essence: type.trim().toLowerCase(), parameters };
};

export const wrongMediaType = (accepted: readonly string[]): ProblemError =>
  new ProblemError(unsupportedMediaType, {
    headers: { Accept: accepted.join(', '), 'Accept-Encoding': 'identity' },
  });

/** Whether the body has no content encoding. Others are not supported. */
export const isUnencoded = (req: IncomingMessage): boolean => {
  const encoding = req.headers['content-encoding'];
  return encoding === undefined || encoding.toLowerCase() === 'identity';
};
