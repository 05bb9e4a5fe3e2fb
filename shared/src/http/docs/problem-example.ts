import { z } from 'zod';
import { ProblemError, type ProblemType, problemDocument } from '#src/problem/problem.ts';
import type { RouteContract } from '../route/contract.ts';
import { exampleOf, examplePath } from './example.ts';
import { problemsOf } from './problem-schema.ts';

const requestId = '019b76da-a800-7000-8000-00000000c0de';

export interface ProblemExampleContext {
  readonly publicUrl: string;
  readonly contracts: readonly RouteContract[];
}

const membersOf = ({ members }: ProblemType): Readonly<Record<string, unknown>> => {
  const example = exampleOf(z.object(members ?? {}));
  return typeof example === 'object' ? { ...example } : {};
};

/** A problem as a client receives it from the first route that can answer with it. */
export const problemExample = (type: ProblemType, { publicUrl, contracts }: ProblemExampleContext) => {
  const { instance: given, ...occurrence } = type.example ?? {};
  const contract = contracts.find((each) => problemsOf(each).includes(type));
  const instance = given ?? (contract ? examplePath(contract) : '/');
  const error = new ProblemError(type, { ...occurrence, members: membersOf(type) });
  return problemDocument(error, { publicUrl, instance, requestId });
};
