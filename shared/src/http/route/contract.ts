import type { Readable } from 'node:stream';
import type { output, ZodObject, ZodType } from 'zod';
import type { ProblemType } from '#src/problem/problem.ts';
import type { MultipartBody } from '../body/multipart-body.ts';
import type { RawBody } from '../body/raw-body.ts';
import type { Caller, CallerKind, Operator, Shopper } from './callers.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route takes as its body: JSON by a schema, bytes as they are, or the parts of a form. */
export type BodyContract = ZodType | RawBody | MultipartBody;

export interface ResponseContract {
  readonly description: string;
  /** Schema of the body as it stands on the wire; a response without one, and without a media type, has no body. */
  readonly body?: ZodType;
  /** Media type of the body; `application/json` unless given. */
  readonly mediaType?: string;
  /** The body is sent as an HTML page instead where the client prefers `text/html`. */
  readonly alsoHtml?: boolean;
  /** Headers that belong to this response, each with its meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An answer as a client receives it, for the documentation. */
  readonly example?: unknown;
}

/** A heading of the documentation, most often one for each slice. */
export interface Tag {
  readonly name: string;
  /** What the slice is for and what it guarantees, in a sentence or two. */
  readonly description: string;
}

/**
 * All that a client can know of a route. Validation, handler types, the OpenAPI document and the contract
 * tests are derived from it, so that they cannot drift apart.
 */
export interface RouteContract {
  readonly method: Method;
  /** Path template as Express reads it: `/carts/me/items/:id`. */
  readonly path: string;
  /** Unique name in camelCase; the OpenAPI operationId. */
  readonly name: string;
  readonly summary: string;
  /** What a client has to know beyond the summary: where to get an id from, say. */
  readonly description?: string;
  /** Heading under which the documentation lists the route. */
  readonly tag: string | Tag;
  /** Who may call; `either` is a shopper or an operator. Absent: anybody. */
  readonly caller?: CallerKind;
  /** A permission that the caller must have. Operators by `X-Admin-Token` have all of them. */
  readonly permission?: string;
  readonly params?: ZodObject;
  readonly query?: ZodObject;
  /** Request headers the handler reads, with names in lower case. */
  readonly headers?: ZodObject;
  /** Cookies the handler reads. */
  readonly cookies?: ZodObject;
  /** Cookies the handler reads and that this server has signed; one with a wrong signature counts as absent. */
  readonly signedCookies?: ZodObject;
  readonly body?: BodyContract;
  /** Largest JSON body in bytes (default 102,400). */
  readonly bodyLimitBytes?: number;
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Left out of the OpenAPI document: pages and their assets. */
  readonly unlisted?: boolean;
  /**
   * What the route shows of the server itself, instead of doing its business. Production shows it to operators only,
   * unless `PUBLIC_DOCS` or `PUBLIC_METRICS` is on.
   */
  readonly reveals?: 'docs' | 'metrics';
  /** What else the route can answer, beyond the problems that its shape implies. */
  readonly problems?: readonly ProblemType[];
}

/** Keeps the literal type of a contract, from which its handler's types follow. */
export const defineRoute = <const C extends RouteContract>(contract: C): C => contract;

interface CallerByKind {
  readonly shopper: Shopper;
  readonly operator: Operator;
  readonly either: Shopper | Operator;
}

/**
 * With a permission, staff may call as well as operators. Without a caller in the contract: whoever `requireCaller`
 * asks for, where it wraps the router.
 */
type CallerOf<C> = C extends { readonly caller: infer Kind extends CallerKind }
  ? C extends { readonly permission: string }
    ? Caller
    : CallerByKind[Kind]
  : Caller | undefined;

type Parsed<Schema> = Schema extends ZodType ? output<Schema> : Record<string, never>;

type BodyOf<B> = B extends ZodType
  ? output<B>
  : B extends { readonly read: (...args: never[]) => Promise<infer Value> }
    ? Value
    : undefined;

/** The part of a request that has passed its contract. */
export interface ContractInput<C extends RouteContract> {
  readonly params: Parsed<C['params']>;
  readonly query: Parsed<C['query']>;
  readonly headers: Parsed<C['headers']>;
  readonly cookies: Parsed<C['cookies']>;
  readonly signedCookies: Parsed<C['signedCookies']>;
  readonly body: BodyOf<C['body']>;
  readonly caller: CallerOf<C>;
}

type Body<R> = R extends { readonly body: infer Schema extends ZodType } ? output<Schema> : undefined;

/** A list stands for several headers of one name: `Set-Cookie`. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

interface ReplyHead<Status> {
  readonly status: Status;
  readonly headers?: ReplyHeaders;
  readonly mediaType?: string;
}

/** A body that is serialized already, bytes, a stream of bytes, or server-sent events. */
export type Content =
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly stream: Readable | AsyncIterable<Uint8Array | string> }
  | { readonly events: AsyncIterable<ServerSentEvent> };

/** One of the documented responses. */
export type Reply<C extends RouteContract> = {
  readonly [Status in keyof C['responses'] & number]:
    | (undefined extends Body<C['responses'][Status]>
        ? ReplyHead<Status> & { readonly body?: undefined }
        : ReplyHead<Status> & { readonly body: Body<C['responses'][Status]> })
    | (ReplyHead<Status> & Content);
}[keyof C['responses'] & number];
