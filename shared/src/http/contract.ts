import type { output, ZodObject, ZodType } from 'zod';
import type { ProblemType } from '../problem/problem.ts';
import type { CallerKind, Callers } from './callers.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ResponseContract {
  readonly description: string;
  /** Schema of the body as it stands on the wire; a response without one has no body. */
  readonly body?: ZodType;
  /** Media type of the body; `application/json` unless named. */
  readonly mediaType?: string;
  /** The body comes as a page instead, where the client prefers `text/html`. */
  readonly alsoHtml?: boolean;
  /** Headers that belong to this response, each with its meaning. */
  readonly headers?: Readonly<Record<string, string>>;
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
  /** Heading under which the documentation lists the route. */
  readonly tag: string;
  /** Who must be named by the request; `either` is a shopper or an operator. Absent: anybody. */
  readonly caller?: CallerKind;
  readonly params?: ZodObject;
  readonly query?: ZodObject;
  /** Request headers the handler reads, with names in lower case. */
  readonly headers?: ZodObject;
  readonly body?: ZodType;
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Left out of the OpenAPI document: pages and their assets. */
  readonly unlisted?: boolean;
  /** What else the route can answer, beyond the problems that its shape implies. */
  readonly problems?: readonly ProblemType[];
}

/** Keeps the literal type of a contract, from which its handler's types follow. */
export const defineRoute = <const C extends RouteContract>(contract: C): C => contract;

type CallerOf<Kind> = Kind extends CallerKind ? ReturnType<Callers[Kind]> : undefined;

type Parsed<Schema> = Schema extends ZodType ? output<Schema> : Record<string, never>;

/** The part of a request that has passed its contract. */
export interface ContractInput<C extends RouteContract> {
  readonly params: Parsed<C['params']>;
  readonly query: Parsed<C['query']>;
  readonly headers: Parsed<C['headers']>;
  readonly body: C['body'] extends ZodType ? output<C['body']> : undefined;
  readonly caller: CallerOf<C['caller']>;
}

type Body<R> = R extends { readonly body: infer Schema extends ZodType } ? output<Schema> : undefined;

type ReplyHeaders = Readonly<Record<string, string>>;

/** One of the documented responses. `text` is a body that is serialised already, such as a stored one. */
export type Reply<C extends RouteContract> = {
  readonly [Status in keyof C['responses'] & number]:
    | (undefined extends Body<C['responses'][Status]>
        ? { readonly status: Status; readonly headers?: ReplyHeaders; readonly body?: undefined }
        : {
            readonly status: Status;
            readonly headers?: ReplyHeaders;
            readonly body: Body<C['responses'][Status]>;
          })
    | {
        readonly status: Status;
        readonly headers?: ReplyHeaders;
        readonly text: string;
        readonly mediaType?: string;
      };
}[keyof C['responses'] & number];
