import type { Request, Response } from 'express';
import { type ZodType, z } from 'zod';
import { invalidRequest } from '#src/problem/common-problems.ts';
import { type Fault, ProblemError } from '#src/problem/problem.ts';
import { readJson } from '../body/json-body.ts';
import type { ContractInput, RouteContract } from './contract.ts';
import { readCookies, readSignedCookies } from './cookies.ts';
import { describeIssue, type Place, toFaults } from './faults.ts';
import { parseQuery } from './query.ts';
import type { RouterOptions } from './router-options.ts';

type Replaced = 'params' | 'query' | 'body' | 'headers' | 'caller' | 'cookies' | 'signedCookies';

/** An Express request whose params, query, headers, cookies, body and caller have the types of its contract. */
export type ContractRequest<C extends RouteContract> = Omit<Request, Replaced> &
  Omit<ContractInput<C>, 'headers'> & { readonly headers: Request['headers'] & ContractInput<C>['headers'] };

const nothing = z.strictObject({});

const check = (schema: ZodType, place: Place, value: unknown, faults: Fault[]): unknown => {
  const result = schema.safeParse(value, { error: describeIssue(place) });
  if (!result.success) faults.push(...toFaults(place, result.error.issues));
  return result.data;
};

const refuse = (faults: readonly Fault[]): void => {
  if (faults.length === 0) return;
  const count = faults.length === 1 ? 'one error' : `${faults.length} errors`;
  throw new ProblemError(invalidRequest, {
    detail: `The request has ${count}; see \`errors\`.`,
    errors: faults,
  });
};

/** Express defines some of these as getters on the prototype, which an assignment would not replace. */
const replace = (req: Request, name: Replaced, value: unknown): void => {
  Object.defineProperty(req, name, { value, configurable: true, writable: true });
};

/** Express splits what a wildcard matches into its segments. */
const joined = (params: Request['params']): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value].flat().join('/')]));

const queryOf = (url: string): string => {
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark + 1);
};

/**
 * Builds the parser of one route. It checks in stages, and throws all faults of the first stage that has any: params,
 * query, headers and cookies; then media type, size and syntax of the body; then the body's schema. It does not depend
 * on settings of the Express app.
 */
export const requestParser = <C extends RouteContract>(
  contract: C,
  { cookieSecrets = [] }: RouterOptions,
) => {
  const { params, query = nothing, headers, cookies, signedCookies, body } = contract;
  if (signedCookies && cookieSecrets.length === 0)
    throw new Error(`${contract.name} reads signed cookies, but the router has no cookieSecrets`);
  const paramsOf = contract.path.includes('*') ? joined : (given: Request['params']) => given;

  const parseHead = (req: Request): void => {
    const faults: Fault[] = [];
    const parsed: Partial<Record<Replaced, unknown>> = {};
    if (params) parsed.params = check(params, 'parameter', paramsOf(req.params), faults);
    parsed.query = check(query, 'parameter', parseQuery(queryOf(req.url)), faults);
    const parsedHeaders = headers && check(headers, 'header', req.headers, faults);
    if (cookies) parsed.cookies = check(cookies, 'cookie', readCookies(req), faults);
    if (signedCookies) {
      parsed.signedCookies = check(signedCookies, 'cookie', readSignedCookies(req, cookieSecrets), faults);
    }
    refuse(faults);
    for (const [name, value] of Object.entries(parsed)) replace(req, name as Replaced, value);
    if (parsedHeaders) Object.assign(req.headers, parsedHeaders);
  };

  const parseBody = async (req: Request, res: Response): Promise<void> => {
    if (body === undefined) return;
    if ('read' in body) {
      req.body = await body.read(req, res);
      return;
    }
    const faults: Fault[] = [];
    req.body = check(body, 'body', await readJson(req, res), faults);
    refuse(faults);
  };

  return async (req: Request, res: Response): Promise<ContractRequest<C>> => {
    parseHead(req);
    await parseBody(req, res);
    return req as unknown as ContractRequest<C>;
  };
};
