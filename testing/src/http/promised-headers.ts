import type { WireResponse } from './wire-response.ts';

// The headers that Helmet sets.
const securityHeaders = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
];

const always = ['x-request-id', 'cache-control'];

/** Faults in the headers that every response must have. Responses to malformed requests do not pass through Helmet. */
export const missingPromises = (
  { status, headers, body }: WireResponse,
  hasRequest: boolean,
): readonly string[] => {
  const missing = (hasRequest ? [...always, ...securityHeaders] : always).filter(
    (name) => !headers.has(name),
  );
  const length = headers.get('content-length');
  const isBodyless = status === 204 || status === 304 || body.length === 0;
  return [
    ...(missing.length > 0 ? [`missing headers: ${missing.join(', ')}`] : []),
    ...(headers.has('x-powered-by') ? ['the header x-powered-by is sent'] : []),
    ...(isBodyless || length === undefined || Number(length) === body.length
      ? []
      : ['content-length is wrong']),
  ];
};
