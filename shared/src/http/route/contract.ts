import type { Readable } from 'node:stream';
import type { output, ZodObject, ZodType } from 'zod';
import type { ProblemType } from '#src/problem/problem.ts';
import type { MultipartBody } from '../body/multipart-body.ts';
import type { RawBody } from '../body/raw-body.ts';
import type { StreamBody } from '../body/stream-body.ts';
import type { Caller, CallerKind, Operator, Shopper } from './callers.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

/** `ALL`: any method, OPTIONS included, for a route that passes requests on to another server. */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ALL';

/** For an answer of another server, which is passed on with its own type, if it has one. */
export const anyMediaType = '*/*';

/** What a route accepts as its body: JSON with a schema, raw bytes, the parts of a form, or bytes as they arrive. */
export type BodyContract = ZodType | RawBody | MultipartBody | StreamBody;

export interface ResponseContract {
  readonly description: string;
  /** Schema of the body as it is sent. A response with neither schema nor media type has no body. */
  readonly body?: ZodType;
  /** Media type of the body (default `application/json`). With `anyMediaType` the headers of the reply say it. */
  readonly mediaType?: string;
  /** If the client prefers `text/html`, an HTML page is sent instead of the body. */
  readonly alsoHtml?: boolean;
  /** Headers of this response, with their descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An example of the body, for the documentation. */
  readonly example?: unknown;
}

/** A heading of the documentation, usually one for each slice. */
export interface Tag {
  readonly name: string;
  /** What the slice is for and what it guarantees, in a sentence or two. */
  readonly description: string;
}

/**
 * Everything that a client can know about a route. Validation, handler types, the OpenAPI document and the contract
 * tests are derived from it, so they cannot drift apart.
 */
export interface RouteContract {
  readonly method: Method;
  /** Path template as Express reads it: `/carts/me/items/:id`, or `/files/*path` for any number of segments. */
  readonly path: string;
  /** Unique name in camelCase; the OpenAPI operationId. */
  readonly name: string;
  readonly summary: string;
  /** What a client must know besides the summary, such as where to get an id. */
  readonly description?: string;
  /** Heading of the route in the documentation. */
  readonly tag: string | Tag;
  /** Who may call: `either` is a shopper or an operator, absent is anyone. */
  readonly caller?: CallerKind;
  /** A permission that the caller must have. Callers with `X-Admin-Token` have all permissions. */
  readonly permission?: string;
  readonly params?: ZodObject;
  readonly query?: ZodObject;
  /** Request headers that the handler reads, with names in lower case. */
  readonly headers?: ZodObject;
  /** Cookies that the handler reads. */
  readonly cookies?: ZodObject;
  /** Cookies that the handler reads and this server has signed. One with an invalid signature counts as absent. */
  readonly signedCookies?: ZodObject;
  readonly body?: BodyContract;
  /** By status; `default` is any other one, for a route that passes on what another server answers. */
  readonly responses: Readonly<Record<number, ResponseContract>> & { readonly default?: ResponseContract };
  /** Left out of the OpenAPI document: pages and their assets. */
  readonly unlisted?: boolean;
  /**
   * The route reveals something about the server itself. In production only operators may see it, unless `PUBLIC_DOCS`
   * or `PUBLIC_METRICS` is on.
   */
  readonly reveals?: 'docs' | 'metrics';
  /**
   * The route is a page that reveals nothing itself, and asks its reader for the token that what it shows requires. Where
   * only operators may see that, everyone may have the page.
   */
  readonly asksForToken?: boolean;
  /** Problems that the route can answer with, in addition to those that its contract implies. */
  readonly problems?: readonly ProblemType[];
}

/** Keeps the literal type of a contract, from which its handler's types are derived. */
export const defineRoute = <const C extends RouteContract>(contract: C): C => contract;

interface CallerByKind {
  readonly shopper: Shopper;
  readonly operator: Operator;
  readonly either: Shopper | Operator;
}

/**
 * If the contract asks for a permission, both shoppers who have it and operators may call. If it names no caller, there
 * is one only if `requireCaller` wraps the router.
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

/** The validated part of a request. */
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

/** A list is sent as several headers with the same name, as for `Set-Cookie`. */
export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

interface ReplyHead<Status> {
  readonly status: Status;
  readonly headers?: ReplyHeaders;
  readonly mediaType?: string;
}

/** A serialized body, bytes, a stream of bytes, or server-sent events. */
export type Content =
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly stream: Readable | AsyncIterable<Uint8Array | string> }
  | { readonly events: AsyncIterable<ServerSentEvent> };

/** An answer of another server, of whatever status. */
type PassedOn<Responses> = Responses extends { readonly default: ResponseContract }
  ? ReplyHead<number> & (Content | { readonly body?: undefined })
  : never;

/** One of the documented responses. */
export type Reply<C extends RouteContract> =
  | {
      readonly [Status in keyof C['responses'] & number]:
        | (undefined extends Body<C['responses'][Status]>
            ? ReplyHead<Status> & { readonly body?: undefined }
            : ReplyHead<Status> & { readonly body: Body<C['responses'][Status]> })
        | (ReplyHead<Status> & Content);
    }[keyof C['responses'] & number]
  | PassedOn<C['responses']>;
