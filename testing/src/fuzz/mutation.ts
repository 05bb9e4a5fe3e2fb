import type { FuzzRequest } from './fuzz-request.ts';
import type { ValidRequest } from './valid-requests.ts';

export interface Chance {
  readonly random: () => number;
  /** Digits like those of a card number, to find errors that repeat received values. */
  readonly marker: string;
}

/** One way to break a request. */
export interface Mutation {
  readonly kind: string;
  /** How often it is tried compared to others (default 1). */
  readonly weight?: number;
  /** Whether the mutation applies to the request (default: always). */
  readonly applies?: (valid: ValidRequest) => boolean;
  readonly apply: (request: FuzzRequest, valid: ValidRequest, chance: Chance) => Partial<FuzzRequest>;
}

export const hasBody = ({ contract }: ValidRequest): boolean => contract.body !== undefined;

type Headers = FuzzRequest['headers'];

export const withoutHeader = (headers: Headers, name: string): Headers =>
  headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase());

export const withHeader = (headers: Headers, name: string, value: string): Headers => [
  ...withoutHeader(headers, name),
  [name, value],
];
