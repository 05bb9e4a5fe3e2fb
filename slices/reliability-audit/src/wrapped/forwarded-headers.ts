import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { contextOf, formatTraceparent } from '@lab/shared/http';

type Headers = Record<string, string | string[]>;

/** Headers of one connection and of its framing (RFC 9110, section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** The headers without those of the connection, those that `Connection` names, and those in `dropped`. */
const endToEnd = (headers: IncomingHttpHeaders, dropped: readonly string[]): Headers => {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const without = new Set([...hopByHop, ...named, ...dropped]);
  const kept: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !without.has(name)) kept[name] = value;
  }
  return kept;
};

// Ours, answered by this server already, or replaced.
const notForwarded = ['x-admin-token', 'expect', 'host', 'content-length', 'traceparent', 'x-request-id'];

/**
 * The headers to send to the upstream, without those of the body's framing. What is not about the connection or this
 * server goes through, `Authorization` and cookies included: /wrapped asks for no credentials, so they are the upstream's.
 */
export const requestHeaders = (req: IncomingMessage, res: ServerResponse): Headers => {
  const { trace, requestId } = contextOf(req, res);
  const headers = endToEnd(req.headers, notForwarded);
  // The trace state belongs to a traceparent that was continued (W3C Trace Context, section 3.3).
  if (!String(req.headers.traceparent).includes(trace.traceId)) delete headers.tracestate;
  return {
    ...headers,
    traceparent: formatTraceparent(trace),
    'x-request-id': requestId,
    via: [headers.via ?? [], `${req.httpVersion} ecommerce-lab`].flat().join(', '),
  };
};

// This server has its own request ids, and does not say what its upstream runs on.
const notPassedOn = ['x-request-id', 'x-powered-by', 'x-attempts'];

/** Of the headers that this server has set already, those that an upstream may decide. */
const mayReplace = new Set(['cache-control']);

/** The headers of an upstream's answer for the client. Those that this server sets on every response stay its own. */
export const answerHeaders = ({ headers }: IncomingMessage, res: ServerResponse): Headers => {
  const own = res.getHeaderNames().filter((name) => !mayReplace.has(name));
  return endToEnd(headers, [...notPassedOn, ...own]);
};
