import { z } from 'zod';
import {
  internalError,
  invalidRequest,
  invalidToken,
  malformedJson,
  malformedUrl,
  missingCredentials,
  payloadTooLarge,
  unsupportedMediaType,
} from '../problem/common-problems.ts';
import type { ProblemType } from '../problem/problem.ts';
import type { RouteContract } from './contract.ts';

const fault = z
  .union([
    z.strictObject({ pointer: z.string(), detail: z.string() }),
    z.strictObject({ parameter: z.string(), detail: z.string() }),
    z.strictObject({ header: z.string(), detail: z.string() }),
  ])
  .meta({ id: 'Fault', description: 'One place that is at fault, and why' });

/** All problems a route can answer: those its shape implies and those it lists. */
export const problemsOf = (contract: RouteContract): readonly ProblemType[] => [
  ...new Set([
    invalidRequest,
    malformedUrl,
    internalError,
    ...(contract.caller ? [missingCredentials, invalidToken] : []),
    ...(contract.body ? [malformedJson, payloadTooLarge, unsupportedMediaType] : []),
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
