import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { malformedRequest, malformedUrl } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

// A name or an IPv4 address, or an IPv6 address in brackets; then perhaps a port (RFC 9110, section 7.2).
const hostPattern = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

// A whole URL as target: its scheme, and what stands in for `Host` (RFC 9112, section 3.2.2).
const absoluteForm = /^([a-z][a-z\d+.-]*):\/\/([^/?]*)/i;

// Node keeps the first of these and drops the others, so that a proxy ahead may have believed another one.
const singleFields = ['host', 'authorization', 'content-type'];

const isRepeated = ({ rawHeaders }: IncomingMessage, name: string): boolean => {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = rawHeaders[at];
    if (field?.length === name.length && field.toLowerCase() === name) times += 1;
  }
  return times > 1;
};

const faultOfHost = ({ headers: { host }, httpVersion }: IncomingMessage): string | undefined => {
  if (host === undefined) return httpVersion === '1.1' ? 'A request needs a Host header.' : undefined;
  return hostPattern.test(host) ? undefined : 'Host must be a name or an address, with or without a port.';
};

// Anything but visible ASCII must be percent-encoded, and a fragment never leaves the client (RFC 9112, section 3.2).
const forbiddenInTarget = /[^!-~]|#/;

const faultOfTarget = ({ url = '', method }: IncomingMessage): string | undefined => {
  if (forbiddenInTarget.test(url))
    return 'The target has a fragment or characters that are not percent-encoded.';
  if (url === '*') return method === 'OPTIONS' ? undefined : 'The target `*` is for OPTIONS only.';
  const [, scheme, authority = ''] = absoluteForm.exec(url) ?? [];
  if (scheme === undefined || (/^https?$/i.test(scheme) && hostPattern.test(authority))) return undefined;
  return 'The target must be a path, or an http or https URL without a user name.';
};

const faultOfFraming = ({ headers, httpVersion }: IncomingMessage): string | undefined => {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (httpVersion === '1.0') return 'HTTP/1.0 has no Transfer-Encoding.';
  return coding.toLowerCase() === 'chunked' ? undefined : 'The only Transfer-Encoding is chunked.';
};

const faultOf = (req: IncomingMessage): string | undefined => {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0')
    return 'The version must be HTTP/1.1 or HTTP/1.0.';
  const repeated = singleFields.find((name) => isRepeated(req, name));
  if (repeated !== undefined) return `The header ${repeated} may be given only once.`;
  return faultOfHost(req) ?? faultOfFraming(req) ?? faultOfTarget(req);
};

/**
 * Refuses what HTTP/1.1 forbids and Node's parser lets through (RFC 9112), and ends the connection: whoever is between
 * may have understood another request. Refuses paths that are not percent-encoded correctly as well.
 */
export const refuseMalformed: RequestHandler = (req, _res, next) => {
  const detail = faultOf(req);
  if (detail !== undefined)
    throw new ProblemError(malformedRequest, { detail, headers: { Connection: 'close' } });
  try {
    if (req.path.includes('%')) decodeURIComponent(req.path);
  } catch {
    throw new ProblemError(malformedUrl);
  }
  next();
};
