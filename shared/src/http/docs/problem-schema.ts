import { z } from 'zod';
import {
  forbidden,
  internalError,
  invalidRequest,
  invalidToken,
  malformedJson,
  malformedMultipart,
  malformedRequest,
  malformedUrl,
  missingCredentials,
  payloadTooLarge,
  requestDeadlineExceeded,
  unsupportedMediaType,
} from '#src/problem/common-problems.ts';
import type { ProblemType } from '#src/problem/problem.ts';
import type { RouteContract } from '../route/contract.ts';

const fault = z
  .union([
    z.strictObject({ pointer: z.string(), detail: z.string() }),
    z.strictObject({ parameter: z.string(), detail: z.string() }),
    z.strictObject({ header: z.string(), detail: z.string() }),
    z.strictObject({ cookie: z.string(), detail: z.string() }),
  ])
  .meta({ id: 'lab.Fault', description: 'One error in the request: where it is, and what is wrong' });

const bodyProblems = ({ body }: RouteContract): readonly ProblemType[] => {
  if (body === undefined) return [];
  const common = [payloadTooLarge, unsupportedMediaType, malformedRequest];
  if (!('read' in body)) return [malformedJson, ...common];
  if (body.kind === 'stream') return [payloadTooLarge, malformedRequest];
  return body.kind === 'multipart' ? [malformedMultipart, ...common] : common;
};

/** All problems that a route can answer with: those that its contract implies and those that it lists. */
export const problemsOf = (contract: RouteContract): readonly ProblemType[] => [
  ...new Set([
    invalidRequest,
    malformedUrl,
    internalError,
    requestDeadlineExceeded,
    ...(contract.caller ? [missingCredentials, invalidToken, forbidden] : []),
    ...bodyProblems(contract),
    ...(contract.problems ?? []),
  ]),
];

/** Schema of `application/problem+json` for problems of one status. Codes outside the list do not match. */
export const problemSchema = (status: number, types: readonly ProblemType[]) => {
  const members = Object.assign({}, ...types.map((type) => type.members ?? {})) as z.ZodRawShape;
  return z.strictObject({
    type: z.url(),
    title: z.string(),
    status: z.literal(status),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(types.map(({ code }) => code)),
    request_id: z.string(),
    errors: z.array(fault).optional(),
    ...z.object(members).partial().shape,
  });
};
