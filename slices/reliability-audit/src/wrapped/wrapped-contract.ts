import {
  anyMediaType,
  defineProblem,
  defineRoute,
  malformedUrl,
  serviceUnavailable,
  streamBody,
  type Tag,
} from '@lab/shared/http';
import { z } from 'zod';

export const tag: Tag = {
  name: 'reliability-audit',
  description:
    'Calls an upstream that fails, within a deadline, with bounded retries and a circuit breaker, and keeps a record of what happened.',
};

export const upstreamTimeout = defineProblem({
  code: 'upstream_timeout',
  status: 504,
  title: 'The upstream did not answer in time',
  explanation:
    'No attempt was answered before its time or the deadline of the call was over. The upstream may have done its work nevertheless: repeat only what may be done twice, or send an `Idempotency-Key`. `X-Attempts` says how often it was tried.',
});

export const upstreamUnavailable = defineProblem({
  code: 'upstream_unavailable',
  status: 502,
  title: 'The upstream gave no valid answer',
  explanation:
    'The connection failed or broke, or what came was not HTTP. Whether the upstream has done its work is not known. `X-Attempts` says how often it was tried.',
});

export const circuitOpen = defineProblem({
  code: 'circuit_open',
  status: 503,
  title: 'The upstream has failed too often and is left alone',
  explanation:
    'The call was not made. After the number of seconds in `Retry-After` a call is let through to see whether the upstream is back.',
});

const passedOn = { mediaType: anyMediaType, headers: { 'X-Attempts': 'How often the upstream was called' } };

/** `ALL /wrapped/*path`, for bodies of at most this many bytes. */
export const wrappedContract = (bodyLimitBytes: number) =>
  defineRoute({
    method: 'ALL',
    path: '/wrapped/*path',
    name: 'callUpstream',
    summary: 'Call the upstream, with retries, a deadline and a circuit breaker',
    description:
      'The rest of the path, the query, headers and body are passed on, with any method. The example calls the built-in flaky upstream: `/wrapped/flaky/1?fail=2` fails twice before it succeeds.',
    tag,
    params: z.strictObject({
      path: z.string().meta({ description: 'Path at the upstream', example: 'flaky/1' }),
    }),
    query: z.object({}).catchall(z.union([z.string(), z.array(z.string())])),
    body: streamBody({ limitBytes: bodyLimitBytes }),
    responses: {
      200: { description: 'The answer of the upstream', ...passedOn, example: '{"id":"1","calls":1}' },
      default: {
        description: 'Any other answer of the upstream. After retries it is the last one that came.',
        ...passedOn,
      },
    },
    problems: [upstreamTimeout, upstreamUnavailable, circuitOpen, serviceUnavailable, malformedUrl],
  });
