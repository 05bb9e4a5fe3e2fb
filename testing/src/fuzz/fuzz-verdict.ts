import type { RouteContract } from '@lab/shared/http';
import type { RawAnswer } from '../http/raw-client.ts';
import type { Finding } from '../http/watched-server.ts';
import type { WireResponse } from '../http/wire-response.ts';
import type { FuzzRequest } from './fuzz-request.ts';

/** The outcome of a request: `accepted` (2xx, 3xx), `declined` with a problem that its route lists, or `refused`. */
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

/** Ignores `instance`, which is the received path. */
const repeats = (response: WireResponse, marker: string): boolean => {
  const problem = problemOf(response);
  const text = problem ? JSON.stringify({ ...problem, instance: '' }) : response.body.toString('latin1');
  return text.includes(marker);
};

const isDocumented = ({ responses }: RouteContract, status: number): boolean =>
  status in responses || responses.default !== undefined;

const documentsFailure = (contract: RouteContract | undefined, status: number): boolean =>
  contract !== undefined &&
  (isDocumented(contract, status) || (contract.problems ?? []).some((problem) => problem.status === status));

/** A response of 400 or more must be a problem, unless the contract has a body for that status. */
const isExplained = (
  response: WireResponse,
  request: FuzzRequest,
  contract: RouteContract | undefined,
): boolean =>
  request.method === 'HEAD' ||
  problemOf(response)?.status === response.status ||
  (contract !== undefined && isDocumented(contract, response.status));

/** Everything that is wrong with a response. `finding` is what was observed on the server's side. */
export const faultsOf = (
  request: FuzzRequest,
  answer: RawAnswer,
  finding: Finding | undefined,
  contract: RouteContract | undefined,
): readonly string[] => {
  if (typeof answer === 'string') return [answer];
  if (!finding) return ['the X-Request-Id of the response is not one that the server sent'];
  const faults = [...finding.faults];
  if (answer.status >= 500 && !documentsFailure(contract, answer.status))
    faults.push(`failed with ${answer.status}`);
  if (answer.status < 400) return faults;
  if (!isExplained(answer, request, contract))
    faults.push('an error without a problem document of its status');
  if (request.marker && repeats(answer, request.marker)) faults.push('the error repeats a received value');
  return faults;
};

export const outcomeOf = (response: WireResponse, contract: RouteContract): Outcome => {
  if (response.status < 400) return 'accepted';
  const code = problemOf(response)?.code;
  const isOwn =
    code === undefined
      ? isDocumented(contract, response.status)
      : (contract.problems ?? []).some((problem) => problem.code === code);
  return isOwn ? 'declined' : 'refused';
};
