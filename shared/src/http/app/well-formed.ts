import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { malformedRequest, malformedUrl } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

// A name or an IPv4 address, or an IPv6 address in brackets, with an optional port (RFC 9110, section 7.2).
const hostPattern = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

// An absolute URL as target: its scheme, and the authority that replaces `Host` (RFC 9112, section 3.2.2).
const absoluteForm = /^([a-z][a-z\d+.-]*):\/\/([^/?]*)/i;

// Node keeps the first of these and drops the rest. A proxy in front may have used another one.
const singleFields = ['host', 'authorization', 'content-type'];

const faultOfHost = ({ headers: { host }, httpVersion }: IncomingMessage): string | undefined => {
  if (host === undefined) return httpVersion === '1.1' ? 'A request needs a Host header.' : undefined;
  return hostPattern.test(host) ? undefined : 'Host must be a name or an address, with an optional port.';
};

// All but visible ASCII must be percent-encoded, and clients do not send fragments (RFC 9112, section 3.2).
const forbiddenInTarget = /[^!-~]|#/;

const faultOfTarget = ({ url = '', method }: IncomingMessage): string | undefined => {
  if (forbiddenInTarget.test(url))
    return 'The request target contains a fragment or characters that must be percent-encoded.';
  if (url === '*') return method === 'OPTIONS' ? undefined : 'The request target `*` is for OPTIONS only.';
  const [, scheme, authority = ''] = absoluteForm.exec(url) ?? [];
  if (scheme === undefined || (/^https?$/i.test(scheme) && hostPattern.test(authority))) return undefined;
  return 'The request target must be a path, or an http or https URL without a user name.';
};

const faultOfFraming = ({ headers, httpVersion }: IncomingMessage): string | undefined => {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (httpVersion === '1.0') return 'Transfer-Encoding does not exist in HTTP/1.0.';
  return coding.toLowerCase() === 'chunked' ? undefined : 'Transfer-Encoding must be chunked.';
};

const faultOf = (req: IncomingMessage): string | undefined => {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') return 'The HTTP version must be 1.1 or 1.0.';
  const hasRepeated = req.rawHeaders.length > 2 * Object.keys(req.headers).length;
  const repeated = hasRepeated && singleFields.find((name) => (req.headersDistinct[name] ?? []).length > 1);
  if (repeated) return `The header ${repeated} must not be repeated.`;
  return faultOfHost(req) ?? faultOfFraming(req) ?? faultOfTarget(req);
};

/**
 * Refuses requests that HTTP/1.1 forbids but Node's parser accepts (RFC 9112), and closes the connection, because a
 * proxy in between may have read a different request. Also refuses paths that are not percent-encoded correctly.
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
