import type { core } from 'zod';
import type { Fault } from '../problem/problem.ts';

/** Which part of a request a schema speaks of; it decides how a fault names its place. */
export type Place = 'body' | 'parameter' | 'header';

// One body of 100 KiB can hold tens of thousands of wrong values; an answer many times its size helps nobody.
const mostFaults = 100;

// A name that the client made up may be anything, a card number included: only plain names are repeated.
const plainName = /^(?!.*\d{8})[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

const isRepeatable = (segment: PropertyKey): boolean =>
  typeof segment === 'number' || plainName.test(String(segment));

/** URI fragment of a JSON pointer (RFC 6901, section 6), cut off before a name that is not repeated. */
const pointerTo = (path: readonly PropertyKey[]): string => {
  const cut = path.findIndex((segment) => !isRepeatable(segment));
  return ['#', ...path.slice(0, cut === -1 ? path.length : cut).map(String)].join('/');
};

const faultAt = (place: Place, path: readonly PropertyKey[], detail: string): Fault => {
  if (place === 'body') return { pointer: pointerTo(path), detail };
  const name = path[0] !== undefined && isRepeatable(path[0]) ? String(path[0]) : '(unnamed)';
  return place === 'parameter' ? { parameter: name, detail } : { header: name, detail };
};

/** Of a union's branches, the one the input came closest to. */
const closestBranch = (branches: readonly (readonly core.$ZodIssue[])[]): readonly core.$ZodIssue[] =>
  branches.toSorted((a, b) => a.length - b.length).at(0) ?? [];

const faultsOf = (place: Place, issue: core.$ZodIssue, base: readonly PropertyKey[]): Fault[] => {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      faultAt(place, [...path, key], `unknown ${place === 'body' ? 'field' : place}`),
    );
  }
  const branch = issue.code === 'invalid_union' ? closestBranch(issue.errors) : [];
  return branch.length > 0
    ? branch.flatMap((inner) => faultsOf(place, inner, path))
    : [faultAt(place, path, issue.message)];
};

/**
 * All faults that a schema found, at most a hundred, none of them holding a received value: values may be
 * secrets, and answers end up in logs.
 */
export const toFaults = (place: Place, issues: readonly core.$ZodIssue[]): Fault[] =>
  issues
    .slice(0, mostFaults)
    .flatMap((issue) => faultsOf(place, issue, []))
    .slice(0, mostFaults);

/** Per-parse messages in place of zod's own where those would read oddly to a client. */
export const describeIssue = (issue: core.$ZodRawIssue): string | undefined => {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is required';
  return Array.isArray(issue.input) && issue.expected === 'string'
    ? 'must be one string, given once'
    : `must be of type ${issue.expected}`;
};
