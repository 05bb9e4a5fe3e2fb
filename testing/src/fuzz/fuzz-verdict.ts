import type { RouteContract } from '@lab/shared/http';
import type { RawAnswer } from '../http/raw-client.ts';
import type { Finding } from '../http/watched-server.ts';
import type { WireResponse } from '../http/wire-response.ts';
import type { FuzzRequest } from './fuzz-request.ts';

/** How a request went: `accepted` (2xx, 3xx), `declined` for a reason that its route lists, else `refused`. */
export type Outcome = 'accepted' | 'declined' | 'refused';

const problemOf = (response: WireResponse): Record<string, unknown> | undefined => {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  try {
    const value: unknown = JSON.parse(response.body.toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

/** `instance` is the path, and so holds what was received by its nature. */
const repeats = (response: WireResponse, marker: string): boolean => {
  const problem = problemOf(response);
  const text = problem ? JSON.stringify({ ...problem, instance: '' }) : response.body.toString('latin1');
  return text.includes(marker);
};

const documentsFailure = (contract: RouteContract | undefined, status: number): boolean =>
  contract !== undefined &&
  (status in contract.responses || (contract.problems ?? []).some((problem) => problem.status === status));

/** A status of 400 or more must come as a problem, unless the contract has a body of its own for it. */
const isExplained = (
  response: WireResponse,
  request: FuzzRequest,
  contract: RouteContract | undefined,
): boolean =>
  request.method === 'HEAD' ||
  problemOf(response)?.status === response.status ||
  (contract !== undefined && response.status in contract.responses);

/** All that is wrong with an answer. `finding` is what the server's side saw of it. */
export const faultsOf = (
  request: FuzzRequest,
  answer: RawAnswer,
  finding: Finding | undefined,
  contract: RouteContract | undefined,
): readonly string[] => {
  if (typeof answer === 'string') return [answer];
  if (!finding) return ['the answer has not the X-Request-Id of any that the server sent'];
  const faults = [...finding.faults];
  if (answer.status >= 500 && !documentsFailure(contract, answer.status))
    faults.push(`failed with ${answer.status}`);
  if (answer.status < 400) return faults;
  if (!isExplained(answer, request, contract)) faults.push('an error that is no problem of its status');
  if (request.marker && repeats(answer, request.marker)) faults.push('the error repeats a received value');
  return faults;
};

export const outcomeOf = (response: WireResponse, contract: RouteContract): Outcome => {
  if (response.status < 400) return 'accepted';
  const code = problemOf(response)?.code;
  const isOwn =
    code === undefined
      ? response.status in contract.responses
      : (contract.problems ?? []).some((problem) => problem.code === code);
  return isOwn ? 'declined' : 'refused';
};
