import type { ZodRawShape } from 'zod';

/**
 * One documented kind of error. Each code is defined once, next to the code that raises it. Contracts list the problems
 * of their routes, and the pages at `/problems/:code` are generated from those lists.
 */
export interface ProblemType {
  /** Stable name in snake_case; the last segment of the problem's `type` URL. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** What happened and what the client can do about it, in a sentence or two. */
  readonly explanation: string;
  /** Extension members (RFC 9457, section 3.2) that this kind of problem carries. */
  readonly members?: ZodRawShape;
  /** Members of the example in the documentation that the type alone does not determine. */
  readonly example?: {
    readonly instance?: string;
    readonly detail?: string;
    readonly errors?: readonly Fault[];
  };
}

export const defineProblem = <const P extends ProblemType>(type: P): P => type;

/**
 * One fault and its place: a JSON pointer into the body (RFC 6901, as URI fragment), a parameter, a header or a cookie.
 */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }
  | { readonly header: string; readonly detail: string }
  | { readonly cookie: string; readonly detail: string };

interface Occurrence {
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  /** Values of the extension members that the type declares. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Response headers that belong to the problem, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What led to the problem. It is logged and never sent. */
  readonly cause?: unknown;
}

/**
 * An error that carries its own response. `problemHandler` sends it as `application/problem+json`. Express's own error
 * handler sends its `status` and `headers`.
 */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly type: ProblemType;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly occurrence: Occurrence;

  constructor(type: ProblemType, occurrence: Occurrence = {}) {
    super(occurrence.detail ?? type.title, 'cause' in occurrence ? { cause: occurrence.cause } : undefined);
    this.type = type;
    this.status = type.status;
    this.headers = occurrence.headers ?? {};
    this.occurrence = occurrence;
  }
}

interface ProblemContext {
  readonly publicUrl: string;
  /** Path of the request, without its query. */
  readonly instance: string;
  readonly requestId: string;
}

/** The body of the response, with the members of RFC 9457. */
export const problemDocument = (
  { type, occurrence }: ProblemError,
  { publicUrl, instance, requestId }: ProblemContext,
) => ({
  type: `${publicUrl}/problems/${type.code}`,
  title: type.title,
  status: type.status,
  detail: occurrence.detail ?? type.explanation,
  instance,
  code: type.code,
  request_id: requestId,
  ...(occurrence.errors && { errors: occurrence.errors }),
  ...occurrence.members,
});
