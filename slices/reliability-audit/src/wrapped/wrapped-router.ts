import type { ServerResponse } from 'node:http';
import {
  type ContractRequest,
  type ContractRouter,
  contextOf,
  createRouter,
  type IncomingBody,
  ProblemError,
  type Reply,
  route,
  serviceUnavailable,
} from '@lab/shared/http';
import { type Outcome, outcomeOf, RefusedError, TimeoutError, unwrap } from '../calls/call.ts';
import { CircuitOpenError } from '../calls/circuit-breaker.ts';
import { type Policy, reliable } from '../calls/reliable.ts';
import { answerHeaders, requestHeaders } from './forwarded-headers.ts';
import { forwardedTarget } from './forwarded-target.ts';
import { readUpTo } from './read-up-to.ts';
import {
  heldBytes,
  type RequestBody,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from './upstream.ts';
import { isRepeatable } from './upstream-policy.ts';
import type { WrappedAudit } from './wrapped-audit.ts';
import { circuitOpen, upstreamTimeout, upstreamUnavailable, wrappedContract } from './wrapped-contract.ts';

export interface WrappedDeps {
  readonly upstream: Upstream;
  readonly policy: Policy<UpstreamAnswer>;
  readonly audit: WrappedAudit;
}

export interface WrappedOptions {
  /** Longest body of a request, in bytes. */
  readonly bodyLimitBytes: number;
  /** Longest time of a call whose body is streamed, in milliseconds. Its client may be slow. */
  readonly uploadMs: number;
}

type Contract = ReturnType<typeof wrappedContract>;
type WrappedRequest = ContractRequest<Contract>;

const holdOrStream = async (body: IncomingBody | undefined): Promise<RequestBody> => {
  if (!body) return { kind: 'none' };
  const { stream, declaredBytes } = body;
  const bytes = (declaredBytes ?? 0) > heldBytes ? undefined : await readUpTo(stream, heldBytes);
  return bytes ? { kind: 'held', bytes } : { kind: 'streamed', stream, declaredBytes };
};

/** The problem that a client is told about when there is no answer to pass on. */
const problemOf = (error: unknown, attempts: number): ProblemError => {
  if (error instanceof ProblemError) return error;
  const headers = { 'X-Attempts': String(attempts) };
  if (error instanceof TimeoutError) return new ProblemError(upstreamTimeout, { headers, cause: error });
  if (!(error instanceof RefusedError))
    return new ProblemError(upstreamUnavailable, { headers, cause: error });
  const isOpen = error instanceof CircuitOpenError;
  const waitS = isOpen ? Math.ceil(error.retryAfterMs / 1000) : 1;
  const type = isOpen ? circuitOpen : serviceUnavailable;
  return new ProblemError(type, { headers: { ...headers, 'Retry-After': String(Math.max(1, waitS)) } });
};

/** HEAD, and statuses of which an answer never has a body (RFC 9110, section 6.4.1). */
const isBodiless = (method: string, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 304;

const passOn = (
  req: WrappedRequest,
  res: ServerResponse,
  answer: UpstreamAnswer,
  attempts: number,
): Reply<Contract> => {
  const { head, status, body } = answer;
  const headers = { ...answerHeaders(head, res), 'X-Attempts': String(attempts) };
  if ('stream' in body) return { status, headers, stream: body.stream };
  if (isBodiless(req.method, status)) return { status, headers };
  return { status, headers, bytes: body.bytes };
};

/** The status that the client sees, or 499 if it has left. */
const statusOf = (outcome: Outcome<UpstreamAnswer>): number => {
  if ('value' in outcome) return outcome.value.status;
  return outcome.error instanceof ProblemError ? outcome.error.status : 499;
};

/** `ALL /wrapped/*path`: passes requests on to the upstream under a policy, and each call to the audit. */
export const createWrappedRouter = (
  { upstream, policy, audit }: WrappedDeps,
  { bodyLimitBytes, uploadMs }: WrappedOptions,
): ContractRouter => {
  const policyFor = (request: UpstreamRequest): Policy<UpstreamAnswer> => {
    if (isRepeatable(request)) return policy;
    const isUpload = request.body.kind === 'streamed';
    return {
      ...policy,
      maxAttempts: 1,
      ...(isUpload && { attemptTimeoutMs: uploadMs, deadlineMs: uploadMs }),
    };
  };

  /** Makes the call. An error is a problem for the client, or the reason why no one waits any more. */
  const call = async (request: UpstreamRequest, signal: AbortSignal) => {
    let attempts = 0;
    const onAttempt = (number: number): void => {
      attempts = number;
      policy.onAttempt?.(number);
    };
    const counted = { ...policyFor(request), onAttempt };
    const outcome = await outcomeOf(
      reliable((attempt) => upstream.send(request, attempt.signal), counted, signal),
    );
    if ('value' in outcome) return { outcome, attempts };
    const error = signal.aborted ? signal.reason : problemOf(outcome.error, attempts);
    return { outcome: { error }, attempts };
  };

  const forward = async (req: WrappedRequest, res: ServerResponse): Promise<Reply<Contract>> => {
    const { method, caller } = req;
    const { signal, requestId, trace } = contextOf(req, res);
    const target = forwardedTarget(req.url);
    const body = await holdOrStream(req.body);
    const [path = ''] = target.split('?', 1);
    const resource = `${req.baseUrl}/wrapped${path}`;
    const id = await audit.started({ method, resource, caller, requestId, traceId: trace.traceId });
    const startedAtMs = performance.now();
    const { outcome, attempts } = await call(
      { method, target, headers: requestHeaders(req, res), body },
      signal,
    );
    const status = statusOf(outcome);
    const durationMs = performance.now() - startedAtMs;
    await audit.completed(id, {
      outcome: status < 500 ? 'succeeded' : 'failed',
      status,
      attempts,
      durationMs,
    });
    return passOn(req, res, unwrap(outcome), attempts);
  };

  return createRouter([route(wrappedContract(bodyLimitBytes)).handle(forward)]);
};
