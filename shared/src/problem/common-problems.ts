import { defineProblem } from './problem.ts';

export const invalidRequest = defineProblem({
  code: 'invalid_request',
  status: 400,
  title: 'The request does not match its documentation',
  explanation:
    'A field, parameter or header is missing, unknown, repeated, of the wrong type or out of range. `errors` lists each of them. Correct them and send the request again.',
  example: {
    detail: 'The request has one error; see `errors`.',
    errors: [{ parameter: 'colour', detail: 'unknown parameter' }],
  },
});

export const malformedJson = defineProblem({
  code: 'malformed_json',
  status: 400,
  title: 'The body is not valid JSON',
  explanation:
    'The body must be one JSON text in UTF-8 without a byte order mark (RFC 8259). Members named `__proto__` are refused as well. Use a JSON library to write the body.',
});

export const malformedMultipart = defineProblem({
  code: 'malformed_multipart',
  status: 400,
  title: 'The body is not valid multipart/form-data',
  explanation:
    'The body ends too early, a part has no name, or the boundary does not match (RFC 7578). Send the whole body again.',
});

export const malformedUrl = defineProblem({
  code: 'malformed_url',
  status: 400,
  title: 'The URL is not percent-encoded correctly',
  explanation:
    'Each `%` in a path or query must be followed by two hexadecimal digits, and the decoded bytes must be UTF-8. Encode each part of the URL with `encodeURIComponent` or its equivalent in your language.',
});

export const malformedRequest = defineProblem({
  code: 'malformed_request',
  status: 400,
  title: 'The request is not valid HTTP',
  explanation:
    'The request line, a header or the framing of the body violates HTTP/1.1 (RFC 9112). Use an HTTP library to send the request.',
});

export const missingCredentials = defineProblem({
  code: 'missing_credentials',
  status: 401,
  title: 'Credentials are required',
  explanation:
    'This route needs to know who is calling. Send `Authorization: Bearer <token>` as a shopper or `X-Admin-Token` as an operator.',
});

export const invalidToken = defineProblem({
  code: 'invalid_token',
  status: 401,
  title: 'The token is not valid',
  explanation: 'The token is unknown, expired or revoked. Sign in again or use another token.',
});

export const forbidden = defineProblem({
  code: 'forbidden',
  status: 403,
  title: 'The caller may not do this',
  explanation:
    'The credentials are valid, but the caller lacks the permission that this route requires. Routes for operators accept `X-Admin-Token` or the token of an account with that permission.',
});

export const notFound = defineProblem({
  code: 'not_found',
  status: 404,
  title: 'No route has this path',
  explanation: 'Check the path. `/docs` lists all routes.',
  example: { instance: '/nowhere' },
});

export const methodNotAllowed = defineProblem({
  code: 'method_not_allowed',
  status: 405,
  title: 'The path does not support this method',
  explanation: 'The path exists. The `Allow` header lists the methods that it supports.',
  example: { instance: '/health' },
});

export const requestTimeout = defineProblem({
  code: 'request_timeout',
  status: 408,
  title: 'The request did not arrive in time',
  explanation: 'The headers or the body arrived too slowly. Send the request again.',
});

export const payloadTooLarge = defineProblem({
  code: 'payload_too_large',
  status: 413,
  title: 'The body is too large',
  explanation:
    'The body is larger than this route accepts: 102,400 bytes (100 KiB) unless its documentation says otherwise. The connection is closed. Send smaller requests.',
});

export const unsupportedMediaType = defineProblem({
  code: 'unsupported_media_type',
  status: 415,
  title: 'The media type of the body is not supported',
  explanation:
    'Send a media type that the `Accept` header of this response lists, usually `application/json`, in UTF-8 and without a content encoding.',
});

export const headersTooLarge = defineProblem({
  code: 'headers_too_large',
  status: 431,
  title: 'The headers are too large',
  explanation:
    'The request line and the headers together may have at most 16 KiB. Send fewer or shorter headers, and check whether cookies have accumulated.',
});

export const internalError = defineProblem({
  code: 'internal_error',
  status: 500,
  title: 'The server failed unexpectedly',
  explanation:
    'The error is on the server. Its log has the cause under the `request_id`. A write may or may not have happened; retry it with the same idempotency key.',
});

export const serviceUnavailable = defineProblem({
  code: 'service_unavailable',
  status: 503,
  title: 'The service cannot handle the request right now',
  explanation:
    'The server is overloaded, or a database or lock was not available in time. Nothing was stored unless `detail` says otherwise. Retry after the number of seconds in `Retry-After`.',
});

export const requestDeadlineExceeded = defineProblem({
  code: 'request_deadline_exceeded',
  status: 503,
  title: 'The request took too long',
  explanation:
    'The server stopped working on the request at its deadline. A write may or may not have happened; retry it with the same idempotency key after the number of seconds in `Retry-After`.',
});

/** Problems raised outside any route. */
export const edgeProblems = [
  malformedUrl,
  malformedRequest,
  notFound,
  methodNotAllowed,
  requestTimeout,
  headersTooLarge,
  internalError,
] as const;
