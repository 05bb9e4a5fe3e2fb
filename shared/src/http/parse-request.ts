import type { Request } from 'express';
import { type ZodType, z } from 'zod';
import { invalidRequest } from '../problem/common-problems.ts';
import { type Fault, ProblemError } from '../problem/problem.ts';
import type { Callers } from './callers.ts';
import type { ContractInput, RouteContract } from './contract.ts';
import { describeIssue, type Place, toFaults } from './faults.ts';
import { readJson } from './json-body.ts';

/** An Express request whose params, query, headers, body and caller have the types of its contract. */
export type ContractRequest<C extends RouteContract> = Omit<
  Request,
  'params' | 'query' | 'body' | 'headers' | 'caller'
> &
  Omit<ContractInput<C>, 'headers'> & { readonly headers: Request['headers'] & ContractInput<C>['headers'] };

const nothing = z.strictObject({});

const check = (schema: ZodType, place: Place, value: unknown, faults: Fault[]): unknown => {
  const result = schema.safeParse(value, { error: describeIssue });
  if (!result.success) faults.push(...toFaults(place, result.error.issues));
  return result.data;
};

const refuse = (faults: readonly Fault[]): void => {
  if (faults.length === 0) return;
  const count = faults.length === 1 ? 'One fault' : `${faults.length} faults`;
  throw new ProblemError(invalidRequest, { detail: `${count} in the request; see errors.`, errors: faults });
};

/** Names the caller where the contract asks for one. Before the body is read: strangers cost little. */
export const identify = (contract: RouteContract, callers: Callers | undefined) => {
  const identifyCaller = contract.caller && callers?.[contract.caller];
  if (contract.caller && !identifyCaller)
    throw new Error(`${contract.name} needs callers, and none were given`);
  return (req: Request): void => {
    if (identifyCaller) req.caller = identifyCaller(req.headers);
  };
};

const asParsed = <C extends RouteContract>(req: Request) => req as unknown as ContractRequest<C>;

/**
 * Builds the parser of one route. It checks in stages and throws the first stage's faults, all of them:
 * params, query and headers; then media type, size and syntax of the body; then the body's shape.
 */
export const requestParser = <C extends RouteContract>(contract: C) => {
  const { params, query = nothing, headers, body } = contract;

  const parseUrlAndHeaders = (req: Request): void => {
    const faults: Fault[] = [];
    const parsedParams = params ? check(params, 'parameter', req.params, faults) : req.params;
    const hasQuery = req.url.includes('?') || query !== nothing;
    const parsedQuery = hasQuery ? check(query, 'parameter', req.query, faults) : {};
    const parsedHeaders = headers && check(headers, 'header', req.headers, faults);
    refuse(faults);
    if (params) Object.assign(req, { params: parsedParams });
    // Express defines `query` as a getter on the prototype, which an assignment would not replace.
    if (hasQuery) Object.defineProperty(req, 'query', { value: parsedQuery });
    if (parsedHeaders) Object.assign(req.headers, parsedHeaders);
  };

  const parseBody = async (req: Request, schema: ZodType): Promise<ContractRequest<C>> => {
    const value = await readJson(req);
    const faults: Fault[] = [];
    req.body = check(schema, 'body', value, faults);
    refuse(faults);
    return asParsed<C>(req);
  };

  return (req: Request): ContractRequest<C> | Promise<ContractRequest<C>> => {
    parseUrlAndHeaders(req);
    return body ? parseBody(req, body) : asParsed<C>(req);
  };
};
