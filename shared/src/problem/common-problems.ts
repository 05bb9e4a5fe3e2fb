import { defineProblem } from './problem.ts';

export const invalidRequest = defineProblem({
  code: 'invalid_request',
  status: 400,
  title: 'The request does not have the documented shape',
  explanation:
    'A field, parameter or header is missing, unknown, repeated, of the wrong type or out of range. `errors` names each place; correct them and send the request again.',
});

export const malformedJson = defineProblem({
  code: 'malformed_json',
  status: 400,
  title: 'The body is not JSON',
  explanation:
    'The body must be one JSON text in UTF-8 (RFC 8259). Member names that change the prototype of an object (`__proto__`) are refused as well.',
});

export const malformedUrl = defineProblem({
  code: 'malformed_url',
  status: 400,
  title: 'The URL is not percent-encoded correctly',
  explanation:
    'A `%` in a path or query starts two hexadecimal digits, and the bytes they stand for are UTF-8.',
});

export const malformedRequest = defineProblem({
  code: 'malformed_request',
  status: 400,
  title: 'The bytes received are not HTTP',
  explanation:
    'The request line, a header or the framing of the body breaks the rules of HTTP/1.1 (RFC 9112).',
});

export const missingCredentials = defineProblem({
  code: 'missing_credentials',
  status: 401,
  title: 'Nobody is named',
  explanation:
    'This route acts for a caller. Send `Authorization: Bearer <token>` as a shopper or `X-Admin-Token` as an operator.',
});

export const invalidToken = defineProblem({
  code: 'invalid_token',
  status: 401,
  title: 'The token is not known',
  explanation: 'The credentials are well formed, but nobody has this token.',
});

export const notFound = defineProblem({
  code: 'not_found',
  status: 404,
  title: 'Nothing is here',
  explanation: 'No route has this path. `/docs` lists those there are.',
});

export const methodNotAllowed = defineProblem({
  code: 'method_not_allowed',
  status: 405,
  title: 'This path does not take that method',
  explanation: 'The path exists; the header `Allow` lists its methods.',
});

export const requestTimeout = defineProblem({
  code: 'request_timeout',
  status: 408,
  title: 'The request did not arrive in time',
  explanation: 'Headers or body came too slowly. Send the request again.',
});

export const payloadTooLarge = defineProblem({
  code: 'payload_too_large',
  status: 413,
  title: 'The body is too large',
  explanation: 'A body holds at most 102,400 bytes (100 KiB).',
});

export const unsupportedMediaType = defineProblem({
  code: 'unsupported_media_type',
  status: 415,
  title: 'The body is not declared as JSON',
  explanation: 'Send `Content-Type: application/json`, in UTF-8 and without a content encoding.',
});

export const headersTooLarge = defineProblem({
  code: 'headers_too_large',
  status: 431,
  title: 'The headers are too large',
  explanation: 'Request line and headers together hold at most 16 KiB.',
});

export const serviceUnavailable = defineProblem({
  code: 'service_unavailable',
  status: 503,
  title: 'The database is too busy',
  explanation:
    'No connection or lock was free in time, and the request was not carried out. Send it again after the time in `Retry-After`.',
});

export const internalError = defineProblem({
  code: 'internal_error',
  status: 500,
  title: 'Something unforeseen failed',
  explanation: 'The fault is on the side of the server. Its log holds the cause under the `request_id`.',
});

/** Problems that the edge itself raises, before or apart from any route. */
export const edgeProblems = [
  malformedUrl,
  malformedRequest,
  notFound,
  methodNotAllowed,
  requestTimeout,
  headersTooLarge,
  internalError,
] as const;
