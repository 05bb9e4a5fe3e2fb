import { randomUUID } from 'node:crypto';

/** W3C Trace Context, level 1: the ids of the trace and of our span in it. */
export interface TraceContext {
  /** 32 hexadecimal digits, shared by all spans of the trace. */
  readonly traceId: string;
  /** 16 hexadecimal digits: this request. */
  readonly spanId: string;
  /** Two hexadecimal digits; bit 0: sampled. */
  readonly flags: string;
}

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

// Node draws random bytes for many UUIDs at once, where `randomBytes` makes a system call each time.
const newTraceId = (): string => randomUUID().replaceAll('-', '');
const newSpanId = (): string => newTraceId().slice(16);

/**
 * Continues the trace of a valid `traceparent`, or starts a new one. According to the standard (section 4.3), version
 * ff, ids of all zeros, and version 00 with anything after its flags are invalid. Later versions are read as version
 * 00.
 */
export const continueTrace = (traceparent: string | undefined): TraceContext => {
  const match = traceparent === undefined ? null : traceparentPattern.exec(traceparent);
  const [, version, traceId = '', parentId = '', flags = '', rest] = match ?? [];
  const valid =
    match && version !== 'ff' && !zeros.test(traceId) && !zeros.test(parentId) && (version !== '00' || !rest);
  return valid
    ? { traceId, spanId: newSpanId(), flags }
    : { traceId: newTraceId(), spanId: newSpanId(), flags: '00' };
};

/** The header value for an outgoing call made on behalf of this request. */
export const formatTraceparent = ({ traceId, spanId, flags }: TraceContext): string =>
  `00-${traceId}-${spanId}-${flags}`;
